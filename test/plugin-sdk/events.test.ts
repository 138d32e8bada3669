import t from 'tap'
import {
  AiVerdict,
  CompletionInput,
  type ContextInit,
  DeltaInput,
  EffectInput,
  ErrorInput,
  LogInput,
  PromptInput,
  RequestInput,
  TickInput,
  ToolCallInput,
  type Verdict
} from '../../core/plugin-host/gen/policy.js'
import { fixtureGuest } from './guest.js'

const guest = await fixtureGuest('events')

const ai = (hook: string, input: Uint8Array) => AiVerdict.decode(guest.run(hook, input) ?? Buffer.alloc(0))
const headersOf = (verdict: Verdict) => Object.fromEntries(verdict.headers.map(({ name, value }) => [name, value]))
const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString()

t.test('a plugin asks for several effects at once, each by a name of its own', async t => {
  const context: ContextInit = { bag: ['auth-key.plan', 'silver', 'auth-key.plan', 'gold', 'geo.country', ''] }
  const verdict = guest.verdict('on_request', RequestInput.encode({ context }).finish())
  const [profile, ...others] = verdict.effects
  t.equal(profile?.id, 'profile')
  t.match(profile?.http, { upstream: 'users', url: '/me', method: 'POST', timeoutMs: 300, maxBytes: 1000 })
  t.strictSame(profile?.http?.headers, ['accept', 'application/json', 'x-id', '1'])
  t.equal(textOf(profile?.http?.body), 'ü')
  t.strictSame(
    others.map(({ id }) => id),
    [
      'https://example.org/a',
      'k-get',
      'k-set',
      'k-delete',
      'k-swap',
      'k-add',
      'signing-key',
      'https://id.example.org/keys'
    ]
  )
  const [get, kvGet, set, remove, swap, add, secret, jwks] = others
  t.match(get?.http, { upstream: '', url: 'https://example.org/a', method: '' })
  t.match(kvGet?.kv, { kind: 0, key: 'k-get' })
  t.match(set?.kv, { kind: 1, key: 'k-set', ttlMs: 60_000 })
  t.equal(textOf(set?.kv?.value), 'ü')
  t.match(remove?.kv, { kind: 2, key: 'k-delete' })
  t.match(swap?.kv, { kind: 3, key: 'k-swap' })
  t.strictSame([textOf(swap?.kv?.expected), textOf(swap?.kv?.value)], ['', 'new'])
  t.match(add?.kv, { kind: 4, key: 'k-add', delta: -2 })
  t.equal(secret?.secret, 'signing-key')
  t.match(jwks, { jwks: 'https://id.example.org/keys', refresh: true })
  t.strictSame(verdict.bag, ['bag', 'gold,,true'], 'of two entries the last counts; an empty one is there')
  t.equal(textOf(verdict.state), 'asked')
})

t.test('a header on an effect that is no HTTP request is a mistake that is said', async t => {
  const guest = await fixtureGuest('events')
  guest.configure({ ask: 'wrong' })
  t.throws(() => guest.verdict('on_request', new Uint8Array(0)), WebAssembly.RuntimeError)
  t.match(guest.logged, [[3, /^the effect "a" is no HTTP request/]])
})

const answers = [
  {
    id: 'profile',
    status: 200,
    headers: ['content-type', 'application/json', 'x-many', '1', 'x-many', '2'],
    body: Buffer.from('{"name":"Ada"}')
  },
  { id: 'count', found: true, number: -7 },
  { id: 'slow', error: 'timeout', body: Buffer.from('{') }
]

t.test('answers are read by name, side by side, with the view of the hook that asked', async t => {
  const context = { state: Buffer.from('asked') }
  const input = { context, request: { path: '/a' }, hook: 'on_request', answers }
  for (const hook of ['effect', 'effectOfRequests']) {
    t.strictSame(headersOf(guest.verdict(hook, EffectInput.encode(input).finish())), {
      'x-name': 'Ada',
      'x-type': 'application/json 1+2',
      'x-profile': 'profile 200 true',
      'x-count': 'true -7 false',
      'x-nobody': 'not-asked false false',
      'x-bad': 'timeout false',
      'x-path': '/a asked on_request'
    })
  }
  const none = headersOf(guest.verdict('effect', EffectInput.encode({ hook: 'on_tick' }).finish()))
  t.match(none, { 'x-name': '?', 'x-profile': ' 0 false', 'x-path': '  on_tick' }, 'nothing of the call before is left')
})

t.test('answers to a response hook come with the response, and its verdict has one list of headers', async t => {
  const given = { request: { path: '/a' }, response: { status: 404 }, body: Buffer.from('body'), answers }
  for (const hook of ['on_response', 'on_response_body', 'on_error', 'on_log']) {
    const verdict = guest.verdict('effect', EffectInput.encode({ ...given, hook }).finish())
    t.strictSame(headersOf(verdict), { 'x-status': '404 /a body', 'x-hook': `${hook}3` })
    t.strictSame(verdict.responseHeaders, [])
  }
})

t.test('an answer that no function was given for is never passed over', async t => {
  const guest = await fixtureGuest('events')
  t.throws(() => guest.verdict('effectOfRequests', EffectInput.encode({ hook: 'on_response' }).finish()))
  t.match(guest.logged, [[3, /no function for answers to what on_response asked/]])
})

t.test('an answer that is malformed ends the call', async t => {
  const guest = await fixtureGuest('events')
  const input = Buffer.concat([EffectInput.encode({ hook: 'on_request' }).finish(), Buffer.from('320108', 'hex')])
  t.throws(() => guest.verdict('effect', input), WebAssembly.RuntimeError)
  t.match(guest.logged, [[3, /element 0 of a list is malformed/]])
})

t.test('a failed exchange is seen with its code, and its reply changed', async t => {
  const response = { status: 504, headers: [] }
  const input = { response, code: 'GW_UPSTREAM_TIMEOUT', blame: 'upstream', retryable: true }
  const verdict = guest.verdict('error', ErrorInput.encode(input).finish())
  t.strictSame(headersOf(verdict), { 'retry-after': '1', 'x-code': 'GW_UPSTREAM_TIMEOUT' })
  t.strictSame(verdict.responseHeaders, [])
  const other = guest.verdict('error', ErrorInput.encode({ ...input, retryable: false }).finish())
  t.equal(other.reply?.status, 504)
  t.match(textOf(other.reply?.body), /"detail":"upstream"/)
})

t.test('an exchange that is over is logged, and nothing is answered', async t => {
  const context = { tags: ['team', 'a'] }
  const input = { context, request: { method: 'GET' }, response: { status: 200 }, code: 'GW_CLIENT_GONE' }
  t.equal(guest.run('over', LogInput.encode(input).finish())?.length, 0)
  t.strictSame(guest.logged.pop(), [1, 'GET 200 GW_CLIENT_GONE team|a'])
})

t.test('a tick has its number and what the one before kept', async t => {
  const input = { context: { state: Buffer.from('0,') }, tick: 2 ** 40 }
  t.equal(textOf(guest.verdict('tick', TickInput.encode(input).finish()).state), `0,${2 ** 40}`)
})

const messages = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'a' },
      { type: 'image', text: 'not this', url: 'x' },
      { type: 'text', text: 'b' }
    ]
  },
  { role: 'assistant', content: [{ type: 'text', text: 'c' }], toolCalls: [{ id: '1' }, { id: '2' }] }
]

t.test('a prompt is read and changed', async t => {
  const prompt = {
    operation: 'chat',
    model: 'smart',
    messages,
    tools: [{ name: 'f', parameters: '{"type": "object"}' }],
    parameters: '{"max_tokens":7}',
    stream: true
  }
  const verdict = ai('prompt', PromptInput.encode({ prompt }).finish())
  t.equal(verdict.model, 'fast')
  t.strictSame(
    verdict.messages.map(({ op, at, message }) => [op, at, message?.role, message?.content.map(each => each.text)]),
    [
      [1, 0, 'system', ['Be brief.']],
      [0, 1, 'user', ['user:ab/assistant:c']],
      [1, 2, 'tool', ['sunny']],
      [1, 3, 'assistant', ['']],
      [2, 4, undefined, undefined]
    ]
  )
  t.equal(verdict.messages[2]?.message?.toolCallId, 'call_1')
  t.match(verdict.messages[3]?.message, {
    toolCalls: [{ id: 'call_2', name: 'f', arguments: '{}' }],
    content: [{ type: 'image', url: 'https://a/', mediaType: 'image/png' }]
  })
  t.equal(verdict.parameters, '{"max_tokens":8,"seed":null}')
  t.strictSame(verdict.removeTools, ['f'])
  t.match(verdict.addTools, [{ name: 'g', description: 'Does g.', parameters: '{"type":"object"}' }])
  t.strictSame(verdict.verdict?.tags, ['calls', '2'])
  t.strictSame(verdict.verdict?.bag, ['model', 'smart'])
  t.equal(textOf(verdict.verdict?.state), 'prompted')
  t.equal(verdict.verdict?.consumer, 'ada')
  t.equal(verdict.verdict?.effects[0]?.secret, 'key')
  const denied = ai('prompt', PromptInput.encode({ prompt: { operation: 'image' } }).finish())
  t.equal(denied.verdict?.reply?.status, 403)
})

t.test('a stream is held back, let go, dropped and ended', async t => {
  const delta = (text: string, held = '', last = false) => {
    const verdict = ai('delta', DeltaInput.encode({ text, held, last }).finish())
    return [verdict.text, verdict.hold, verdict.drop, verdict.stop]
  }
  t.strictSame(delta('sec'), ['', 'sec', false, false])
  t.strictSame(delta('ond hand', 'sec'), ['second', ' hand', false, false])
  t.strictSame(delta('ret', 'sec'), ['[cut]', null, false, true])
  t.strictSame(delta('rop', 'd'), [null, null, true, false])
  t.strictSame(delta('', 'sec', true), ['sec', null, false, false])
})

t.test('the arguments of a tool call are read as JSON, if they are', async t => {
  const call = (json: string) => ai('toolCall', ToolCallInput.encode({ call: { name: 'f', arguments: json } }).finish())
  t.equal(call('{"a": 1}').arguments, '{"a":1,"by":"f"}')
  t.equal(call('{"a": ').drop, true)
})

t.test('a completion is replaced; of one that has gone out a note is left', async t => {
  const choices = [{ message: messages[1] ?? {}, finishReason: 'stop' }]
  const whole = ai('completion', CompletionInput.encode({ choices }).finish())
  t.match(whole.messages, [{ op: 0, at: 0, message: { role: 'assistant', content: [{ text: 'cstop' }] } }])
  const usage = { outputTokens: 2 ** 40 }
  const gone = ai('completion', CompletionInput.encode({ choices, usage, streamed: true }).finish())
  t.strictSame(gone.verdict?.tags, ['tokens', String(2 ** 40)])
})

t.test('an element that is not there ends the call', async t => {
  const guest = await fixtureGuest('events')
  t.throws(() => guest.run('completion', CompletionInput.encode({}).finish()), WebAssembly.RuntimeError)
  t.match(guest.logged, [[3, /there is no element 0/]])
})
