import { Buffer } from 'node:buffer'
import t from 'tap'
import type { Hook } from '../../core/base/hooks.js'
import {
  AiVerdict,
  ConfigureResult,
  EditOp,
  KvKind,
  LogInput,
  MessageEditOp,
  Verdict
} from '../../core/plugin-host/abi.js'
import { PluginFault } from '../../core/plugin-host/fault.js'
import { toJson } from '../../core/plugin-host/json-mapping.js'
import { inputAsJson, outputFromJson } from '../../core/plugin-host/json-messages.js'

const answer = (hook: Hook, json: unknown) => outputFromJson(hook, Buffer.from(JSON.stringify(json)))

t.test('what a plugin means by the names of enums, by wide integers and by bytes is what the host gets', async t => {
  const json = {
    headers: [
      { op: 'REMOVE', name: 'x-a' },
      { op: 1, name: 'x-b', value: 'v' }
    ],
    effects: [
      { id: 'a', kv: { kind: 'ADD', key: 'n', delta: '-5' } },
      { id: 'b', kv: { kind: 'SET', key: 'n', value: 'aGk=', delta: 7 }, detached: true }
    ],
    path: null,
    query: '',
    body: '-_-_',
    state: 'aGk'
  }
  const verdict = Verdict.decode(answer('on_request', json))
  t.match(verdict, {
    headers: [
      { op: EditOp.REMOVE, name: 'x-a' },
      { op: EditOp.ADD, name: 'x-b', value: 'v' }
    ],
    effects: [{ kv: { kind: KvKind.ADD, delta: -5 } }, { kv: { kind: KvKind.SET, delta: 7 }, detached: true }],
    path: null,
    query: ''
  })
  const texts = [verdict.body, verdict.state].map(bytes => Buffer.from(bytes ?? []).toString('latin1'))
  t.strictSame(texts, ['\xfb\xff\xbf', 'hi'])

  const edits = [
    { op: 'REMOVE', at: 1 },
    { op: 'INSERT', message: { role: 'system', content: [{ text: 'x' }] } }
  ]
  t.match(AiVerdict.decode(answer('on_prompt', { messages: edits })).messages, [
    { op: MessageEditOp.REMOVE, at: 1 },
    { op: MessageEditOp.INSERT, at: 0, message: { role: 'system', content: [{ text: 'x' }] } }
  ])
  t.equal(ConfigureResult.decode(answer('on_configure', { error: 'no' })).error, 'no')
  t.equal(outputFromJson('on_request', Buffer.alloc(0)).length, 0, 'nothing is an empty verdict')
})

const MISTAKES: readonly (readonly [hook: Hook, json: unknown, where: string])[] = [
  ['on_request', [], 'it is not an object'],
  ['on_request', { headrs: [] }, 'headrs is no field'],
  ['on_request', { Reply: { status: 403 } }, 'Reply is no field'],
  ['on_request', { response_headers: [] }, 'response_headers is no field'],
  ['on_request', { toString: 'x' }, 'toString is no field'],
  ['on_request', { error: 'x' }, 'error is no field'],
  ['on_request', { reply: 'deny' }, 'reply is not an object'],
  ['on_request', { reply: [] }, 'reply is not an object'],
  ['on_request', { reply: { status: 403, boody: '' } }, 'reply.boody is no field'],
  ['on_request', { reply: { status: 403.7 } }, 'reply.status is not an integer'],
  ['on_request', { reply: { status: '403' } }, 'reply.status is not an integer'],
  ['on_request', { reply: { status: -1 } }, 'reply.status is not an integer'],
  ['on_request', { reply: { status: 2 ** 32 } }, 'reply.status is not an integer'],
  ['on_request', { reply: { body: '%%%%' } }, 'reply.body is not base64'],
  ['on_request', { reply: { body: 'aGkxa' } }, 'reply.body is not base64'],
  ['on_request', { headers: 5 }, 'headers is not a list'],
  ['on_request', { headers: {} }, 'headers is not a list'],
  ['on_request', { headers: [{ name: 'a' }, { op: 'DROP' }] }, 'headers[1].op is none of SET, ADD, REMOVE, RENAME'],
  ['on_request', { headers: [{ op: 4 }] }, 'headers[0].op is none of'],
  ['on_request', { headers: [null] }, 'headers[0] is not an object'],
  ['on_request', { tags: 'ab' }, 'tags is not a list'],
  ['on_request', { tags: ['a', 1] }, 'tags[1] is not a string'],
  ['on_request', { method: 5 }, 'method is not a string'],
  ['on_request', { effects: [{ id: 'a', detached: 'true' }] }, 'effects[0].detached is not true or false'],
  ['on_request', { effects: [{ kv: { kind: 'PUT' } }] }, 'effects[0].kv.kind is none of'],
  ['on_request', { effects: [{ kv: { delta: '1.5' } }] }, 'effects[0].kv.delta is not an integer'],
  ['on_request', { effects: [{ kv: { delta: '9007199254740993' } }] }, 'effects[0].kv.delta is not an integer'],
  ['on_delta', { drop: 'false' }, 'drop is not true or false'],
  ['on_delta', { stop: 1 }, 'stop is not true or false'],
  ['on_configure', { reply: {} }, 'reply is no field']
]

t.test('a name that is not there and a value of another type are faults that say where', async t => {
  for (const [hook, json, where] of MISTAKES) {
    try {
      answer(hook, json)
      t.fail(`${JSON.stringify(json)} was taken`)
    } catch (thrown) {
      t.ok(thrown instanceof PluginFault && thrown.reason === 'output', JSON.stringify(json))
      t.ok(String(thrown).includes(`: ${where}`), `${thrown} for ${where}`)
    }
  }
  t.throws(() => outputFromJson('on_request', Buffer.from('{"method":"\xff"}', 'latin1')), /not UTF-8/)
})

t.test('an input has wide integers as strings, and leaves out what has its default', async t => {
  const input = LogInput.encode({
    context: { nowMs: 1e12, state: Buffer.of(0, 255), tags: [] },
    request: { method: 'GET', path: '', headers: ['x-a', ''] },
    response: { status: 0 },
    bytesIn: 2 ** 40,
    bytesOut: 0
  })
  t.strictSame(JSON.parse(Buffer.from(inputAsJson('on_log', input.finish())).toString()), {
    context: { state: 'AP8=', nowMs: '1000000000000' },
    request: { method: 'GET', headers: ['x-a', ''] },
    response: {},
    bytesIn: '1099511627776'
  })
})

t.test('what is written is read back', async t => {
  const verdict = {
    reply: { status: 403, headers: ['a', 'b'], body: Buffer.from('no') },
    headers: [
      { op: EditOp.RENAME, name: 'a', value: 'b' },
      { op: EditOp.SET, name: 'c', value: '' }
    ],
    body: Buffer.alloc(0),
    query: '',
    effects: [{ id: 'e', kv: { kind: KvKind.SWAP, key: 'k', expected: Buffer.of(1), ttlMs: 5, delta: -1 } }]
  }
  const bytes = Verdict.encode(verdict).finish()
  const json = toJson('Verdict', { ...Verdict.decode(bytes) })
  t.match(json, { headers: [{ op: 'RENAME' }, { name: 'c' }], effects: [{ kv: { kind: 'SWAP', delta: '-1' } }] })
  t.strictSame(Verdict.decode(answer('on_request', json)), Verdict.decode(bytes))
})
