import t from 'tap'
import { INPUT_FIELDS, type InputField } from '../../core/base/hooks.js'
import { EditOp, RequestInput, ResponseInput, Verdict } from '../../core/plugin-host/abi.js'
import { grants } from '../../core/plugin-host/permissions.js'
import { changesInput, rewriteInput, visibleHeaders } from '../../core/plugin-host/rewrite.js'

type VerdictInit = Parameters<typeof Verdict.encode>[0]
const decoded = (init: VerdictInit) => Verdict.decode(Verdict.encode(init).finish())
const verdict = (init: VerdictInit) => ({ verdict: decoded(init), plugin: 'earlier' })
const set = (name: string, value: string) => ({ op: EditOp.SET, name, value })

const context = { exchangeId: 'e1', route: 'r', upstream: 'u', consumer: '', params: ['id', '7'], tags: ['a', '1'] }
const request = { method: 'GET', scheme: 'http', host: 'h', path: '/p', query: 'q=1', clientIp: '10.0.0.1' }
const state = Buffer.from('mine')

const reading = (read: string[], input: readonly InputField[] = INPUT_FIELDS, bag: string[] = []) => ({
  grants: grants({ requestHeaders: { read }, responseHeaders: { read }, bag }, 'asked', {}),
  input
})

t.test('a later plugin sees the request as the plugins before it left it', async t => {
  const bytes = RequestInput.encode({
    context: { ...context, state, nowMs: 1_700_000_000_123 },
    request: { ...request, headers: ['x-a', '1', 'x-b', '2'] }
  }).finish()
  const earlier = [
    verdict({
      headers: [set('x-a', '9'), { op: EditOp.ADD, name: 'x-b', value: '3' }],
      consumer: 'ann',
      tags: ['b', '2']
    }),
    verdict({ method: 'PUT', path: '/new', query: '', upstream: 'other', tags: ['c', '3'] }),
    verdict({ headers: [{ op: EditOp.REMOVE, name: 'x-a', value: '' }], consumer: 'bob' })
  ]
  const input = RequestInput.decode(rewriteInput(bytes, 'on_request', earlier, reading(['*'])))
  t.match(input.context, { ...context, consumer: 'bob', upstream: 'other', tags: ['a', '1', 'b', '2', 'c', '3'] })
  t.equal(Buffer.from(input.context?.state ?? '').toString(), 'mine', 'its own state stays')
  t.equal(input.context?.nowMs, 1_700_000_000_123)
  t.match(input.request, { ...request, method: 'PUT', path: '/new', query: '' })
  t.strictSame(input.request?.headers, ['x-b', '2', 'x-b', '3'])
})

t.test('without an edit it can see, a later plugin sees the other changes all the same', async t => {
  const bytes = RequestInput.encode({
    context: { ...context, consumer: 'old', state },
    request: { ...request, headers: ['x-a', '1'] }
  }).finish()
  const after = (...earlier: VerdictInit[]) =>
    RequestInput.decode(rewriteInput(bytes, 'on_request', earlier.map(verdict), reading([])))
  const changed = after(
    { consumer: 'ann', tags: ['b', '2'], path: '/one', headers: [set('x-hidden', 's')] },
    { consumer: 'bob', tags: ['c', '3'], path: '/two', method: 'PUT', query: 'n=1', upstream: 'other' }
  )
  t.match(changed.context, { ...context, consumer: 'bob', upstream: 'other', tags: ['a', '1', 'b', '2', 'c', '3'] })
  t.equal(Buffer.from(changed.context?.state ?? '').toString(), 'mine')
  t.match(changed.request, { ...request, method: 'PUT', path: '/two', query: 'n=1' })
  t.strictSame(changed.request?.headers, ['x-a', '1'])
  t.equal(after({ query: '' }).request?.query, '', 'a query taken away is away')
  t.equal(after({ consumer: '' }).context?.consumer, '', 'and so is a consumer')
  t.equal(after({ query: 'n=1' }, { query: '' }).request?.query, '')
  const response = ResponseInput.encode({ context, request, response: { status: 200, headers: ['x-a', '1'] } }).finish()
  const replied = rewriteInput(response, 'on_response', [verdict({ status: 404, tags: ['t', 'v'] })], reading([]))
  t.equal(ResponseInput.decode(replied).response?.status, 404)
  t.strictSame(ResponseInput.decode(replied).response?.headers, ['x-a', '1'])
})

t.test('edits of headers that were not there come out as if they had been made one by one', async t => {
  const edit = (op: number, name: string, value = '') => ({ op, name, value })
  const earlier = [
    verdict({ headers: [edit(EditOp.SET, 'x-b', '1'), edit(EditOp.ADD, 'x-c', '1'), edit(EditOp.REMOVE, 'x-none')] }),
    verdict({ headers: [edit(EditOp.SET, 'x-b', '2'), edit(EditOp.ADD, 'x-c', '2')], tags: ['t', '1'] }),
    verdict({ headers: [edit(EditOp.REMOVE, 'x-c'), edit(EditOp.ADD, 'x-d', '4'), edit(EditOp.SET, 'x-hidden', '5')] })
  ]
  const expected = ['x-a', '1', 'x-b', '2', 'x-d', '4']
  const names = ['x-a', 'x-b', 'x-c', 'x-d']
  const bytes = RequestInput.encode({ context, request: { ...request, headers: ['x-a', '1'] } }).finish()
  const input = RequestInput.decode(rewriteInput(bytes, 'on_request', earlier, reading(names)))
  t.strictSame(input.request?.headers, expected)
  t.strictSame(input.context?.tags, ['a', '1', 't', '1'])
  const reply = ResponseInput.encode({ context, request, response: { status: 200, headers: ['x-a', '1'] } }).finish()
  const output = ResponseInput.decode(rewriteInput(reply, 'on_response', earlier, reading(names)))
  t.strictSame(output.response?.headers, expected)
  t.strictSame(output.request?.headers, [])
  t.equal(output.response?.status, 200)
})

t.test('edits to headers it may not read stay hidden from it', async t => {
  const bytes = RequestInput.encode({ context, request: { ...request, headers: ['x-a', '1'] } }).finish()
  const earlier = [verdict({ headers: [set('x-a', '2'), set('x-secret', 's'), set('authorization', 'Basic x')] })]
  const headers = (read: string[]) =>
    RequestInput.decode(rewriteInput(bytes, 'on_request', earlier, reading(read))).request?.headers
  t.strictSame(headers(['x-a']), ['x-a', '2'])
  t.strictSame(headers(['*']), ['x-a', '2', 'x-secret', 's'])
  t.strictSame(headers(['x-a', 'authorization']), ['x-a', '2', 'authorization', 'Basic x'])
})

t.test('in a response hook the edits are those of the response', async t => {
  const bytes = ResponseInput.encode({
    context,
    request: { ...request, headers: ['x-a', 'of the request'] },
    response: { status: 200, headers: ['x-a', '1'] }
  }).finish()
  for (const hook of ['on_response', 'on_response_body'] as const) {
    const earlier = [verdict({ headers: [set('x-a', '2'), set('set-cookie', 's')], status: 404, tags: ['t', 'v'] })]
    const input = ResponseInput.decode(rewriteInput(bytes, hook, earlier, reading(['x-a'])))
    t.strictSame(
      input.response,
      ResponseInput.decode(ResponseInput.encode({ response: { status: 404, headers: ['x-a', '2'] } }).finish())
        .response,
      hook
    )
    t.strictSame(input.request?.headers, ['x-a', 'of the request'])
    t.strictSame(input.context?.tags, ['a', '1', 't', 'v'])
  }
})

t.test('what a plugin was shown can be read from its input', async t => {
  const headers = ['x-a', '1']
  const requestBytes = RequestInput.encode({ context, request: { ...request, headers } }).finish()
  const responseBytes = ResponseInput.encode({ context, request, response: { status: 200, headers } }).finish()
  t.strictSame(visibleHeaders(requestBytes, 'on_request'), headers)
  t.strictSame(visibleHeaders(requestBytes, 'on_request_body'), headers)
  t.strictSame(visibleHeaders(responseBytes, 'on_response'), headers)
  t.strictSame(visibleHeaders(Buffer.alloc(0), 'on_response'), [])
})

t.test('only what a later plugin could see makes its input be written anew', async t => {
  const changes: VerdictInit[] = [
    { headers: [set('x', '1')] },
    { method: 'PUT' },
    { path: '/' },
    { query: '' },
    { upstream: 'u' },
    { consumer: 'c' },
    { tags: ['a', 'b'] },
    { status: 200 }
  ]
  for (const init of changes) t.ok(changesInput(decoded(init)), Object.keys(init).join())
  const unseen: VerdictInit[] = [
    {},
    { state: Buffer.from('s') },
    { body: Buffer.from('b') },
    { reply: { status: 200 } },
    { responseHeaders: [set('x', '1')] }
  ]
  for (const init of unseen) t.notOk(changesInput(decoded(init)), Object.keys(init).join())
})

t.test('a plugin that wants little is told no more by what was changed before it', async t => {
  const bytes = RequestInput.encode({ request: { path: '/p' } }).finish()
  const earlier = [
    verdict({ consumer: 'ann', tags: ['a', '1'], upstream: 'u', method: 'PUT', path: '/new', query: '' })
  ]
  const little = RequestInput.decode(rewriteInput(bytes, 'on_request', earlier, reading([], ['path'])))
  t.equal(little.context, null)
  t.strictSame([little.request?.path, little.request?.method], ['/new', ''])
  const emptied = [verdict({ query: '', headers: [set('x-a', '1')], consumer: 'ann' })]
  const whole = RequestInput.decode(rewriteInput(bytes, 'on_request', emptied, reading(['x-a'], ['path', 'query'])))
  t.strictSame([whole.context?.consumer, whole.request?.headers], ['', ['x-a', '1']])
})

t.test('of the bag a later plugin sees what it may read, under the name of who left it', async t => {
  const bytes = RequestInput.encode({ request: { path: '/p' } }).finish()
  const earlier = [verdict({ bag: ['claims', '{}', 'secret', 's'] })]
  const bag = (...read: string[]) =>
    RequestInput.decode(rewriteInput(bytes, 'on_request', earlier, reading([], [], read))).context?.bag ?? []
  t.strictSame(bag('earlier.claims'), ['earlier.claims', '{}'])
  t.strictSame(bag('earlier.*'), ['earlier.claims', '{}', 'earlier.secret', 's'])
  t.strictSame(bag('other.*'), [])
  t.strictSame(bag(), [])
})
