import { createHash } from 'node:crypto'
import type { JsonObject } from '../../members.js'
import { dateOf } from './reply.js'

/** A model as the list of models has it. */
export interface ListedModel {
  readonly id: string
  /** Seconds since 1970; 0 or left out: not known. */
  readonly created?: number
  /** Who made it ("llama"). */
  readonly family?: string
}

/** The models as /api/tags lists them: clients of Ollama want a size and a digest, of which there are none here. */
export function ollamaTags(models: readonly ListedModel[]): JsonObject {
  return {
    models: models.map(({ id, created = 0, family = '' }) => ({
      name: id,
      model: id,
      modified_at: dateOf(created === 0 ? 1 : created),
      size: 0,
      digest: createHash('sha256').update(id).digest('hex'),
      details: {
        parent_model: '',
        format: 'gguf',
        family,
        families: family === '' ? [] : [family],
        parameter_size: '',
        quantization_level: ''
      }
    }))
  }
}
