import t from 'tap'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { expand } from '../../../core/ai/responses-store/conversation.js'
import {
  cancelResponse,
  deleteResponse,
  getResponse,
  inputTokens,
  listInputItems,
  unknownResponse
} from '../../../core/ai/responses-store/endpoints.js'
import { MemoryResponsesStore } from '../../../core/ai/responses-store/memory.js'
import { finalResponse, remember } from '../../../core/ai/responses-store/remember.js'

const HINTS = { model: '', stream: undefined, headers: [] }
const OWNER = 'acme/app'
const NO_QUERY = new URLSearchParams()

function store(bounds: { maxEntries?: number; maxBytes?: number; ttlMs?: number } = {}, clock = { now: 0 }) {
  return new MemoryResponsesStore({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: 1_000, ...bounds }, () => clock.now)
}

/** One turn of a client, answered with `text`. @returns the response as the client gets it, and the messages that were read */
async function turn(kept: MemoryResponsesStore, request: JsonObject, text: string, owner = OWNER) {
  const { body, turn } = await expand(kept, owner, { model: 'm', ...request })
  const { messages } = openaiResponses.chat.readRequest(body, HINTS)
  const response = openaiResponses.chat.writeResponse(
    {
      id: '',
      model: 'm',
      created: 1,
      choices: [{ index: 0, content: [{ type: 'text', text }], finish_reason: 'stop' }],
      usage: undefined
    },
    { model: 'm', includeUsage: false, request }
  )
  await remember(kept, owner, request, turn, response)
  const said = messages.map(
    ({ role, content }) => `${role}: ${content.map(part => ('text' in part ? part.text : part.type)).join('|')}`
  )
  return { response, id: String(response.id), said }
}

t.test('a client that sends only what is new has its conversation put together', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one', instructions: 'Only for one.' }, 'ONE')
  const two = await turn(kept, { input: [{ role: 'user', content: 'two' }], previous_response_id: one.id }, 'TWO')
  const three = await turn(kept, { input: 'three', previous_response_id: two.id, instructions: 'Now.' }, 'THREE')
  t.strictSame(three.said, [
    'system: Now.',
    'user: one',
    'assistant: ONE',
    'user: two',
    'assistant: TWO',
    'user: three'
  ])
  const branch = await turn(kept, { input: 'other', previous_response_id: one.id }, 'OTHER')
  t.strictSame(branch.said, ['user: one', 'assistant: ONE', 'user: other'])
  t.equal(three.response.previous_response_id, two.id)
})

t.test('items are found by reference', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one' }, 'ONE')
  const reference = { type: 'item_reference', id: (one.response.output as { id: string }[])[0]?.id }
  const two = await turn(
    kept,
    { input: [{ role: 'user', content: 'one' }, reference, { role: 'user', content: 'two' }] },
    'TWO'
  )
  t.strictSame(two.said, ['user: one', 'assistant: ONE', 'user: two'])
  const three = await turn(kept, { input: 'three', previous_response_id: two.id }, 'THREE')
  t.strictSame(three.said.slice(0, 2), ['user: one', 'assistant: ONE'], 'also in what is remembered')
  await t.rejects(turn(kept, { input: [{ type: 'item_reference', id: 'msg_nowhere' }] }, ''), {
    code: 'GW_AI_REQUEST_INVALID',
    message: /^input\[0\]: item_reference cannot be used/
  })
})

t.test('what is not known here is refused, and passes where a provider may know it', async t => {
  const kept = store()
  const unknown = { input: 'x', previous_response_id: 'resp_unknown' }
  await t.rejects(turn(kept, unknown, ''), { code: 'GW_AI_REQUEST_INVALID', message: /not known here/ })
  t.equal((await expand(kept, OWNER, unknown)).body, unknown, 'the very same')
})

t.test('a conversation with a turn that is gone is refused, naming it', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one' }, 'ONE')
  const two = await turn(kept, { input: 'two', previous_response_id: one.id }, 'TWO')
  await deleteResponse(kept, OWNER, one.id)
  await t.rejects(turn(kept, { input: 'three', previous_response_id: two.id }, ''), {
    code: 'GW_AI_REQUEST_INVALID',
    message: new RegExp(`"${one.id}", which it goes on from, is gone`)
  })
})

t.test('what one owner keeps another never sees', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one' }, 'ONE', 'a')
  for (const other of ['b', '', 'a1:']) {
    t.equal(await kept.get(other, one.id), undefined)
    t.equal(await deleteResponse(kept, other, one.id), undefined)
    t.equal(await kept.withItem(other, String((one.response.output as { id: string }[])[0]?.id)), undefined)
  }
  t.ok(await kept.get('a', one.id))
})

t.test('nothing is kept when the client says so, or when it failed', async t => {
  const kept = store()
  await turn(kept, { input: 'one', store: false }, 'ONE')
  await remember(kept, OWNER, {}, [], { id: 'resp_1', status: 'failed' })
  t.strictSame(kept.size, { entries: 0, bytes: 0 })
})

t.test('entries, bytes and time are bounded, and what was used last stays', async t => {
  const clock = { now: 0 }
  const kept = store({ maxEntries: 2 }, clock)
  const [one, two] = [await turn(kept, { input: '1' }, ''), await turn(kept, { input: '2' }, '')]
  await kept.get(OWNER, one.id)
  const three = await turn(kept, { input: '3' }, '')
  t.equal(await kept.get(OWNER, two.id), undefined)
  t.ok(await kept.get(OWNER, one.id))
  clock.now = 999
  t.ok(await kept.get(OWNER, three.id))
  clock.now = 1_500
  t.equal(await kept.get(OWNER, one.id), undefined, 'its time is over')
  t.ok(await kept.get(OWNER, three.id), 'this one was used')
  t.equal(kept.size.entries, 1)

  const small = store({ maxBytes: 10_000 })
  for (let i = 0; i < 20; i++) await turn(small, { input: 'x'.repeat(1_000) }, 'y')
  t.ok(small.size.bytes <= 10_000 && small.size.entries > 1)
  const { entries } = small.size
  await turn(small, { input: 'x'.repeat(20_000) }, 'y')
  t.equal(small.size.entries, entries, 'what is larger than all is not kept, and drives nothing out')
})

t.test('a response is got as it was, and deleted', async t => {
  const kept = store()
  const { id, response } = await turn(kept, { input: 'one' }, 'ONE')
  t.strictSame(await getResponse(kept, OWNER, id, NO_QUERY), JSON.parse(JSON.stringify(response)))
  await t.rejects(getResponse(kept, OWNER, id, new URLSearchParams('stream=true')), { message: /^stream: / })
  await t.rejects(cancelResponse(kept, OWNER, id), { code: 'GW_AI_REQUEST_INVALID', message: /in the background/ })
  t.strictSame(await deleteResponse(kept, OWNER, id), { id, object: 'response', deleted: true })
  t.equal(await deleteResponse(kept, OWNER, id), undefined)
  t.equal(await getResponse(kept, OWNER, id, NO_QUERY), undefined)
  t.equal(await cancelResponse(kept, OWNER, id), undefined)
  t.equal(await listInputItems(kept, OWNER, id, NO_QUERY), undefined)
  t.match(openaiResponses.writeFailure(unknownResponse(id), ''), {
    status: 404,
    body: { error: { message: /not found/ } }
  })
})

t.test('the input of a response is listed in pages, newest first unless asked otherwise', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one' }, 'ONE')
  const two = await turn(
    kept,
    {
      input: [
        { role: 'user', content: 'two' },
        { role: 'user', content: [{ type: 'input_text', text: 'more' }] }
      ],
      previous_response_id: one.id
    },
    'TWO'
  )
  const list = async (query: string) =>
    (await listInputItems(kept, OWNER, two.id, new URLSearchParams(query))) as JsonObject & { data: JsonObject[] }
  const texts = (items: JsonObject[]) => items.map(({ content }) => (content as { text: string }[])[0]?.text)
  const all = await list('order=asc')
  t.strictSame(texts(all.data), ['one', 'ONE', 'two', 'more'])
  t.match(all.data[0], {
    id: /^msg_/,
    type: 'message',
    role: 'user',
    status: 'completed',
    content: [{ type: 'input_text' }]
  })
  t.match(all, { object: 'list', first_id: all.data[0]?.id, last_id: all.data[3]?.id, has_more: false })
  t.strictSame(texts((await list('')).data), ['more', 'two', 'ONE', 'one'])
  const page = await list('order=asc&limit=2')
  t.equal(page.has_more, true)
  t.strictSame(texts((await list(`order=asc&after=${page.last_id}`)).data), ['two', 'more'])
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_x']) {
    await t.rejects(list(query), { code: 'GW_AI_REQUEST_INVALID', message: new RegExp(`^${query.split('=')[0]}: `) })
  }
})

t.test('input tokens are counted of the whole conversation', async t => {
  const kept = store()
  const one = await turn(kept, { input: 'one' }, 'ONE')
  const body = { model: 'm', input: 'two', previous_response_id: one.id }
  const answer = await inputTokens(kept, OWNER, body, HINTS, chat => chat.messages.length)
  t.strictSame(answer, { object: 'response.input_tokens', input_tokens: 3 })
})

t.test('the response to remember is in the last event of a stream', async t => {
  const writer = openaiResponses.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
  const frames = [{ type: 'text', choice: 0, text: 'Hi' } as const, { type: 'end' } as const].flatMap(event =>
    writer.write(event)
  )
  const found = frames.map(finalResponse)
  t.match(found.at(-1), { status: 'completed', output: [{ type: 'message' }] })
  t.ok(found.slice(0, -1).every(response => response === undefined))
})
