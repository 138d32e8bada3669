import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { AiKept } from '../../../core/gateway/ai/kept.js'
import {
  type AiMemory,
  asMemoryCalls,
  type MemoryCalls,
  OwnMemory,
  remoteMemory
} from '../../../core/gateway/ai/memory.js'
import { aiGateway } from './gateway.js'

/** The memory of another thread that has much to do. */
function slowMemory(kept: string[]): AiMemory {
  const own = asMemoryCalls(new OwnMemory())
  const late = async <T>(name: string, answer: () => Promise<T>): Promise<T> => {
    for (let turn = 0; turn < 300; turn++) await setImmediate()
    kept.push(name)
    return answer()
  }
  const calls: MemoryCalls = {
    ...own,
    keepResponse: (...args) => late('response', () => own.keepResponse(...args)),
    rememberPlace: (...args) => late('place', () => own.rememberPlace(...args)),
    recordCompletion: (...args) => late('completion', () => own.recordCompletion(...args))
  }
  return remoteMemory(calls)
}

const PROMPTS = {
  greet: { versions: { v1: { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'Hello' }] } } }
}

for (const stream of [false, true]) {
  t.test(
    `what the next request may refer to is known in every event loop when an answer ends: stream: ${stream}`,
    async t => {
      const kept: string[] = []
      const aiKept = new AiKept(() => undefined, slowMemory(kept))
      const { url } = await aiGateway(t, { prompts: { inline: PROMPTS } }, { aiKept })
      const post = async (path: string, body: object): Promise<string> => {
        kept.length = 0
        const reply = await fetch(url + path, { method: 'POST', body: JSON.stringify({ ...body, stream }) })
        const text = await reply.text()
        t.equal(reply.status, 200, text)
        return text
      }
      await post('/v1/responses', { model: 'anthropic/claude-sonnet-4-5', input: 'Hello' })
      t.strictSame(kept, ['response'], 'made by translation')
      await post('/v1/responses', { model: 'responses/gpt-5-pro', input: 'Hello' })
      t.strictSame(kept, ['place'], 'of a provider that keeps it')
      await post('/prompts/greet', { user: 'ann' })
      t.strictSame(kept, ['completion'], 'of a prompt')
    }
  )
}
