import t from 'tap'
import { openaiResponses } from '../../core/ai/dialects/openai-responses/index.js'
import { errorFrame, eventFrame, ResponsesSocket, warmUp } from '../../core/ai/responses-socket.js'

const create = (more: object = {}) => JSON.stringify({ type: 'response.create', model: 'm', input: 'Hi', ...more })

t.test('a message of the client is a request that streams', async t => {
  const turn = new ResponsesSocket(10).receive(create({ store: false, new_member: 1 }))
  t.strictSame(turn, {
    body: { model: 'm', input: 'Hi', store: false, new_member: 1, stream: true },
    stream: '',
    generate: true
  })
})

t.test('turns of one conversation follow each other, conversations run side by side', async t => {
  const socket = new ResponsesSocket(10)
  t.ok(socket.receive(create()))
  t.equal(socket.receive(create({ input: 'two' })), undefined)
  t.equal(socket.receive(create({ input: 'three' })), undefined)
  t.equal(socket.receive(create({ stream_id: 's' }))?.stream, 's')
  t.equal(socket.done('')?.body.input, 'two')
  t.equal(socket.done('s'), undefined)
  t.equal(socket.done('')?.body.input, 'three')
  t.equal(socket.done(''), undefined)
  t.equal(socket.done(''), undefined)
  t.ok(socket.receive(create()), 'and then the next begins at once')
})

t.test('turns are bounded', async t => {
  const socket = new ResponsesSocket(2)
  socket.receive(create())
  socket.receive(create())
  t.throws(() => socket.receive(create()), { code: 'GW_AI_REQUEST_INVALID', message: /^the connection has 2 turns/ })
  socket.done('')
  t.equal(socket.receive(create()), undefined)
})

t.test('what is no request is refused, saying what was expected', async t => {
  for (const [text, message] of [
    ['{', /^message: expected JSON, found "\{"$/],
    ['[]', /^message: expected an object/],
    ['{}', /^type: expected a string, found nothing$/],
    ['{"type":"response.steer"}', /^type: expected "response.create", found "response.steer"$/],
    ['{"type":"response.create","stream_id":1}', /^stream_id: expected a string, found 1$/]
  ] as const) {
    t.throws(() => new ResponsesSocket(1).receive(text), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('events are messages of their own, marked with their conversation', async t => {
  const writer = openaiResponses.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
  const [frame] = writer.write({ type: 'text', choice: 0, text: 'Hi' })
  if (frame === undefined) throw new Error('no frame')
  t.equal(eventFrame(frame, ''), frame.data)
  t.strictSame(JSON.parse(eventFrame(frame, 'a"b') ?? ''), { stream_id: 'a"b', ...JSON.parse(frame.data) })
  t.equal(eventFrame({ event: '', data: '[DONE]' }, ''), undefined)
})

t.test('a failure before there is a response is an error with its status', async t => {
  const failure = { kind: 'not_found', status: 404, message: 'No such model.' } as const
  t.match(JSON.parse(errorFrame(failure, 's')), {
    type: 'error',
    stream_id: 's',
    status: 404,
    error: { type: 'invalid_request_error', message: 'No such model.' }
  })
  t.notHas(JSON.parse(errorFrame(failure, '')), { stream_id: '' })
})

t.test('a turn that generates nothing is answered with an empty response', async t => {
  const turn = new ResponsesSocket(1).receive(create({ generate: false, instructions: 'Be short.' }))
  if (turn === undefined) throw new Error('no turn')
  t.equal(turn.generate, false)
  const { frames, response } = warmUp(turn)
  t.strictSame(
    frames.map(({ event }) => event),
    ['response.created', 'response.in_progress', 'response.completed']
  )
  t.match(response, { status: 'completed', output: [], instructions: 'Be short.', usage: { total_tokens: 0 } })
})
