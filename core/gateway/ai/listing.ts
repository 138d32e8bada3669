import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../ai/members.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'
import type { AiCall } from './call.js'
import type { ListedModel } from './runtime.js'

/** The models of a route, or one of them, as the client's dialect lists them. @throws Refusal GW_AI_MODEL_UNKNOWN */
export function listing({ ai, options, runtime }: AiCall): Reply {
  const models = runtime.models(options)
  const { model, shape } = ai.endpoint
  const form = FORMS[shape]
  if (model === '') return json(form.list(models))
  const found = models.find(({ id }) => id === model || id === `models/${model}`)
  if (found !== undefined) return json(form.one(found))
  const detail = `There is no model "${model}".`
  throw new Refusal('GW_AI_MODEL_UNKNOWN', detail, [], { detail, param: 'model' })
}

interface Form {
  one(model: ListedModel): JsonObject
  list(models: readonly ListedModel[]): JsonObject
}

const openai: Form = {
  one: ({ id, created, ownedBy }) => ({ id, object: 'model', created, owned_by: ownedBy }),
  list: models => ({ object: 'list', data: models.map(openai.one) })
}

/** https://docs.anthropic.com/en/api/models-list */
const anthropic: Form = {
  one: ({ id, created, title }) => ({
    type: 'model',
    id,
    display_name: title,
    created_at: new Date(created * 1_000).toISOString()
  }),
  list: models => ({
    data: models.map(anthropic.one),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null
  })
}

/** https://ai.google.dev/api/models */
const gemini: Form = {
  one: ({ id, title }) => ({
    name: `models/${id}`,
    baseModelId: id,
    version: '001',
    displayName: title,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent']
  }),
  list: models => ({ models: models.map(gemini.one) })
}

/** https://docs.ollama.com/api/tags */
const ollama: Form = {
  one: ({ id, created, ownedBy }) => ({
    name: id,
    model: id,
    modified_at: new Date(created * 1_000).toISOString(),
    size: 0,
    digest: '',
    details: {
      parent_model: '',
      format: '',
      family: ownedBy,
      families: [ownedBy],
      parameter_size: '',
      quantization_level: ''
    }
  }),
  list: models => ({ models: models.map(ollama.one) })
}

const FORMS: Readonly<Record<'openai' | 'anthropic' | 'gemini' | 'ollama', Form>> = {
  openai,
  anthropic,
  gemini,
  ollama
}

function json(value: JsonObject): Reply {
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(value)) }
}
