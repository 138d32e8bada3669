import { GatewayError } from '../../../base/errors.js'
import { type ChatResponse, textOf } from '../../chat.js'
import { badResponse, type JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { failureIn } from '../openai-chat/failure.js'
import { readFinish, writeFinish } from '../openai-chat/finish.js'
import { createdOr, newId } from '../openai-chat/ids.js'
import { countIn, objectsOf, textIn } from '../openai-chat/lenient.js'
import { usageIn, writeUsage } from '../openai-chat/usage.js'

const NOTHING_ELSE = { calls: false, refusal: false }

export function readResponse(body: JsonObject): ChatResponse {
  const failure = failureIn(body)
  if (failure !== undefined) throw new GatewayError('GW_AI_PROVIDER_FAILED', failure.message)
  if (!Array.isArray(body.choices)) throw badResponse('choices', 'a list', body.choices)
  return {
    id: textIn(body.id),
    model: textIn(body.model),
    created: countIn(body.created) ?? 0,
    choices: objectsOf(body.choices).map((choice, i) => {
      const text = textIn(choice.text)
      return {
        index: countIn(choice.index) ?? i,
        content: text === '' ? [] : [{ type: 'text', text }],
        finish_reason: readFinish(choice.finish_reason, NOTHING_ELSE)
      }
    }),
    usage: usageIn(body)
  }
}

/** Only the text: completions have no place for anything else. */
export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const echo = echoed(wish)
  return {
    id: response.id === '' ? newId('cmpl-') : response.id,
    object: 'text_completion',
    created: createdOr(response.created),
    model: response.model === '' ? wish.model : response.model,
    choices: response.choices.map(({ index, content, finish_reason }) => {
      return { text: echo + textOf(content), index, logprobs: null, finish_reason: finishWord(finish_reason) }
    }),
    ...(response.usage !== undefined && { usage: writeUsage(response.usage) })
  }
}

/** A completion ends by itself, by its length or by the filter. */
export function finishWord(reason: ChatResponse['choices'][number]['finish_reason']): string {
  const word = writeFinish(reason, false)
  return word === 'tool_calls' ? 'stop' : word
}

/** The prompt, when the client wants it before the answer. */
export function echoed({ request }: Wish): string {
  if (request.echo !== true) return ''
  const { prompt } = request
  return textIn(Array.isArray(prompt) ? prompt[0] : prompt)
}
