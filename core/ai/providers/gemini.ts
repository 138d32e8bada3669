import { isGemini3 } from '../dialects/gemini/models.js'
import type { JsonObject } from '../members.js'
import { keyOf } from './bearer.js'
import { methodOf, pathName, queryOf } from './google-path.js'
import type { Provider, ProviderCall } from './provider.js'
import { askBesideTools } from './schema-prompt.js'

/** The Gemini API of Google AI Studio: https://ai.google.dev/api */
export const gemini: Provider = {
  name: 'gemini',
  title: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  required: [],
  optional: [],

  dialects(operation) {
    return ['chat', 'count-tokens', 'embeddings', 'models'].includes(operation) ? ['gemini'] : []
  },

  address(call) {
    if (call.operation === 'models') return { method: 'GET', path: `/v1beta/models${queryOf(call)}`, headers: [] }
    const model = modelName(call)
    return {
      method: 'POST',
      path: `/v1beta/${pathName(model)}:${methodOf(call)}${queryOf(call)}`,
      headers: [],
      edits: { remove: ['model'] } // the path has it
    }
  },

  authorize(_request, credential) {
    return ['x-goog-api-key', keyOf('gemini', credential)]
  },

  /** "Function calling with a response mime type: 'application/json' is unsupported", up to 2.5. */
  adapt(chat, dropped) {
    if (!isGemini3(chat.model)) askBesideTools(chat, dropped)
  },

  finish(body, call) {
    if (call.operation !== 'count-tokens') return
    // countTokens has but `contents` at the top: the rest counts only within a whole request.
    const request: JsonObject = { ...body, model: modelName(call) }
    for (const name of Object.keys(body)) delete body[name]
    body.generateContentRequest = request
  }
}

/** "models/gemini-2.5-pro"; names of tuned models have their own folder. */
function modelName({ model }: ProviderCall): string {
  return model.includes('/') ? model : `models/${model}`
}
