import t from 'tap'
import { AI_HOOKS } from '../../core/base/hooks.js'
import { mockProvider } from '../support/mock.js'
import { guest } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const looping = Object.fromEntries(
  AI_HOOKS.map(hook => [
    `loops-${hook.replaceAll('_', '-')}`,
    {
      wasm: guest({ hooks: { [hook]: '(call $forever) (i32.const 0)' } }),
      permissions: { prompt: 'write', answer: 'write' } as const
    }
  ])
)

t.test('line 7: a loop for each token of a stream, and in every other hook of AI traffic', async t => {
  const mock = await mockProvider(t)
  const { get, during, logged } = await field(t, {
    plugins: looping,
    routes: {},
    ai: Object.fromEntries(Object.keys(looping).map(name => [name, [{ plugin: name }]])),
    more: { ai: { providers: { main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['secret'] } } } }
  })
  for (const name of Object.keys(looping)) {
    const told: { readonly stream: boolean; readonly status: number; readonly text: string }[] = []
    const chat = async (stream: boolean) => {
      const body = JSON.stringify({
        model: 'gpt-5',
        stream,
        messages: [{ role: 'user', content: 'Tell me of the sea.' }],
        ...(name === 'loops-on-tool-call' && {
          tools: [{ type: 'function', function: { name: 'find' } }],
          tool_choice: 'required'
        })
      })
      const headers = { 'content-type': 'application/json' }
      const { status, text } = await get(`${name}/v1/chat/completions`, { method: 'POST', headers, body })
      told.push({ stream, status, text })
    }
    await during(t, name, async () => {
      for (let i = 0; i < 2; i++) await Promise.all([chat(true), chat(false)])
      // What comes after the answer, nobody waits for.
      const ended = await logged(({ plugin, reason }) => plugin === name && reason === 'timeout')
      t.equal(ended.plugin, name, 'the loop was ended')
    })
    for (const { stream, status, text } of told) {
      const apart = name === 'loops-on-usage' || (name === 'loops-on-delta' && !stream)
      if (apart) t.equal(status, 200, 'nobody waits for it')
      else t.ok(status >= 500 || text.includes('"error"'), `${status}: ${text.slice(0, 60)}`)
    }
  }
})
