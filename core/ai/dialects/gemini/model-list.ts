import type { JsonObject } from '../../members.js'

/** A model as the list of models has it. */
export interface ListedModel {
  readonly id: string
  readonly title?: string
  /** Most tokens of a prompt; left out: not known. */
  readonly inputTokens?: number
  /** Most tokens of an answer. */
  readonly outputTokens?: number
}

/** The models as `GET /v1beta/models` lists them: https://ai.google.dev/api/models */
export function geminiModels(models: readonly ListedModel[]): JsonObject {
  return { models: models.map(geminiModel) }
}

/** One of them, as `GET /v1beta/models/{model}` tells it. */
export function geminiModel({ id, title, inputTokens, outputTokens }: ListedModel): JsonObject {
  return {
    name: `models/${id}`,
    baseModelId: id,
    version: '001',
    displayName: title ?? id,
    ...(inputTokens !== undefined && { inputTokenLimit: inputTokens }),
    ...(outputTokens !== undefined && { outputTokenLimit: outputTokens }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens']
  }
}
