import fc from 'fast-check'
import t from 'tap'
import { INPUT_FIELDS, type InputField } from '../../core/base/hooks.js'
import { EditOp, RequestInput, ResponseInput, Verdict } from '../../core/plugin-host/abi.js'
import { inputAfter } from '../../core/plugin-host/input-after.js'
import { grants } from '../../core/plugin-host/permissions.js'
import { ReadVerdict } from '../../core/plugin-host/read-verdict.js'
import { rewriteInput } from '../../core/plugin-host/rewrite.js'

const edit = (op: number, name: string, value = '') => ({ op, name, value })

/** As a plugin thread keeps them: what it worked out for a reader once is there the next time. */
function keptOf(inits: readonly Parameters<typeof Verdict.encode>[0][]): ReadVerdict[] {
  return inits.map((init, i) => {
    const bytes = Buffer.from(Verdict.encode(init).finish())
    return new ReadVerdict(Verdict.decode(bytes), `plugin-${i}`, bytes)
  })
}

const OF_REQUEST = keptOf([
  { consumer: 'ann' },
  { consumer: '' },
  { query: '' },
  { query: 'n=1', path: '/new' },
  { upstream: 'other', tags: ['b', '2'] },
  { method: 'PUT', bag: ['plan', 'gold'] },
  { headers: [edit(EditOp.SET, 'x-a', '9')] },
  { headers: [edit(EditOp.ADD, 'x-new', '1'), edit(EditOp.ADD, 'x-new', '2')] },
  { headers: [edit(EditOp.REMOVE, 'x-new'), edit(EditOp.REMOVE, 'x-secret')], tags: ['c', '3'] },
  { responseHeaders: [edit(EditOp.SET, 'x-later', '1')] }
])
const OF_RESPONSE = keptOf([
  { tags: ['b', '2'], bag: ['plan', 'gold'] },
  { status: 404, headers: [edit(EditOp.SET, 'x-a', '5')] },
  { status: 201 },
  { headers: [edit(EditOp.ADD, 'x-new', '1')] },
  { headers: [edit(EditOp.REMOVE, 'x-new'), edit(EditOp.REMOVE, 'x-secret')] }
])

const reading = (read: string[], input: readonly InputField[], bag: string[] = []) => ({
  grants: grants({ requestHeaders: { read }, responseHeaders: { read }, bag }, 'asked', {}),
  input
})
const READERS = [
  reading(['*'], INPUT_FIELDS, ['*']),
  reading(['x-a', 'x-new'], INPUT_FIELDS),
  reading([], ['consumer', 'query']),
  reading([], [])
]

const context = { exchangeId: 'e1', route: 'r', upstream: 'u', consumer: 'old', tags: ['a', '1'] }
const request = { method: 'GET', path: '/p', query: 'q=1', headers: ['x-a', '1', 'x-b', '2'] }

t.test('with what is worked out once, a later plugin gets what it would get without', async t => {
  const ofRequest = Buffer.from(RequestInput.encode({ context, request }).finish())
  const response = { status: 200, headers: ['x-a', '1'] }
  const ofResponse = Buffer.from(ResponseInput.encode({ context, request, response }).finish())
  const some = (verdicts: readonly ReadVerdict[]) => fc.array(fc.constantFrom(...verdicts), { maxLength: 3 })
  const { failed, counterexample } = fc.check(
    fc.property(some(OF_REQUEST), some(OF_RESPONSE), fc.constantFrom(...READERS), (before, after, reader) => {
      const asked = [ofRequest, 'on_request', before, reader] as const
      const told = [ofResponse, 'on_response', after, reader] as const
      t.strictSame(RequestInput.decode(inputAfter(...asked)), RequestInput.decode(rewriteInput(...asked)))
      t.strictSame(ResponseInput.decode(inputAfter(...told)), ResponseInput.decode(rewriteInput(...told)))
      return t.passing()
    }),
    { numRuns: 500 }
  )
  t.notOk(failed, JSON.stringify(counterexample))
})

t.test('an input that nothing is changed of for its reader is taken as it is', async t => {
  const input = Buffer.from(RequestInput.encode({ request }).finish())
  const [consumer] = OF_REQUEST
  t.equal(inputAfter(input, 'on_request', consumer === undefined ? [] : [consumer], reading([], [])), input)
})
