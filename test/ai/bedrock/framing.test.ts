import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { awsInvoke } from '../../../core/ai/frames/aws-invoke.js'
import type { Frame, Framing } from '../../../core/ai/frames/frame.js'

function framesOf(framing: Framing, pieces: Iterable<Buffer>): Frame[] {
  const reader = framing.reader()
  const frames: Frame[] = []
  for (const piece of pieces) frames.push(...reader.feed(piece))
  return [...frames, ...reader.end()]
}

t.test('frames come back as they were written, wherever the bytes are cut', async t => {
  const frame = fc.record(
    {
      event: fc.constantFrom('messageStart', 'contentBlockDelta', ':exception:throttlingException', ''),
      data: fc.string({ unit: 'grapheme', maxLength: 200 })
    },
    { noNullPrototype: true }
  )
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(2000)), (frames, places) => {
      const bytes = Buffer.concat(frames.map(each => awsEventStream.write(each)))
      const ends = [...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      const pieces = ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
      t.strictSame(framesOf(awsEventStream, pieces), frames)
    })
  )
})

t.test('a stream is read alike cut at each byte, and byte by byte', async t => {
  const frames = [
    { event: 'messageStart', data: '{"role":"assistant"}' },
    { event: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"text":"Grüße 🌍"}}' },
    { event: ':exception:modelStreamErrorException', data: '{"message":"no"}' }
  ]
  const bytes = Buffer.concat(frames.map(each => awsEventStream.write(each)))
  for (let at = 0; at <= bytes.length; at++) {
    t.strictSame(framesOf(awsEventStream, [bytes.subarray(0, at), bytes.subarray(at)]), frames)
  }
  t.strictSame(
    framesOf(
      awsEventStream,
      [...bytes].map(byte => Buffer.from([byte]))
    ),
    frames
  )
  t.strictSame(
    framesOf(awsEventStream, [bytes.subarray(0, -1)]),
    frames.slice(0, 2),
    'the last one only if it is whole'
  )
})

t.test('a byte that is not as it was sent is noticed', async t => {
  const bytes = awsEventStream.write({ event: 'metadata', data: '{"usage":{}}' })
  for (let at = 0; at < bytes.length; at++) {
    const wrong = Buffer.from(bytes)
    wrong[at] = (wrong[at] ?? 0) ^ 0x20
    t.throws(() => framesOf(awsEventStream, [wrong]), { code: /GW_UPSTREAM_BAD_RESPONSE/ }, `byte ${at}`)
  }
})

t.test('a message that is larger than what is taken is refused before it is there', async t => {
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(17 * 1024 * 1024, 0)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  t.throws(() => framesOf(awsEventStream, [prelude]), { code: 'GW_AI_EVENT_TOO_LARGE' })
})

t.test('an error without a model is told as an exception', async t => {
  const headers = [':message-type', 'error', ':error-code', 'InternalError', ':error-message', 'oops']
  const parts: Buffer[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = Buffer.from(headers[i] ?? '')
    const value = Buffer.from(headers[i + 1] ?? '')
    parts.push(Buffer.from([name.length]), name, Buffer.from([7, 0, value.length]), value)
  }
  // Headers that are no strings are passed over.
  parts.push(Buffer.from([1, 97, 0]), Buffer.from([1, 98, 4, 0, 0, 0, 1]), Buffer.from([1, 99, 6, 0, 1, 9]))
  const head = Buffer.concat(parts)
  const bytes = Buffer.alloc(16 + head.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(head.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  head.copy(bytes, 12)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  t.strictSame(framesOf(awsEventStream, [bytes]), [{ event: ':exception:InternalError', data: '{"message":"oops"}' }])
})

t.test("Claude's events come out of Bedrock's messages and go into them as they are", async t => {
  const events = [
    { event: 'message_start', data: '{"type":"message_start","message":{"id":"msg_1"}}' },
    { event: 'error', data: '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}' }
  ]
  const bytes = Buffer.concat(events.map(each => awsInvoke.write(each)))
  t.strictSame(framesOf(awsInvoke, [bytes]), events)
  t.strictSame(
    framesOf(awsEventStream, [bytes]).map(each => each.event),
    ['chunk', ':exception:serviceUnavailableException']
  )
})

t.test('a chunk that nobody can read is an error of the stream, what is no chunk is nothing', async t => {
  const chunk = (bytes: string) => ({ event: 'chunk', data: JSON.stringify({ bytes: btoa(bytes) }) })
  const bytes = [
    { event: 'initial-response', data: '{}' },
    chunk('{"type":"ping"}'),
    chunk('{"ty'),
    { event: 'chunk', data: '{"by' }
  ].map(frame => awsEventStream.write(frame))
  const [ping, ...errors] = framesOf(awsInvoke, bytes)
  t.strictSame(ping, { event: 'ping', data: '{"type":"ping"}' })
  t.equal(errors.length, 2)
  for (const { event, data } of errors) {
    t.equal(event, 'error')
    t.match(JSON.parse(data), { type: 'error', error: { type: 'api_error', message: /has no event in it/ } })
  }
})
