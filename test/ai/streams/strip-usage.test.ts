import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { streamWatch } from '../../../core/ai/dialects/openai-chat/stream-watch.js'
import { StripUsage } from '../../../core/ai/streams/strip-usage.js'

const chunk = (content: string, rest: string): string =>
  `data: {"id":"c","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]${rest}}\n\n`
const USAGE = '"usage":{"prompt_tokens":3,"completion_tokens":2}'
const LAST = `data: {"id":"c","choices":[],${USAGE}}\n\n`
const DONE = 'data: [DONE]\n\n'
/** Words that look like what is taken out, as a model may say them. */
const SAID = 'he said: {"a":1,"usage":null}'

const passage = (): StripUsage =>
  new StripUsage(streamWatch(), ({ message }) => [Buffer.from(`data: failed ${message}\n\n`)])

function through(pieces: readonly Buffer[]): { text: string; usage: unknown } {
  const strip = passage()
  const out: Buffer[] = []
  for (const piece of pieces) strip.piece(piece, out)
  strip.end(out)
  return { text: Buffer.concat(out).toString(), usage: strip.watch.usage }
}

t.test('what usage added to a stream is taken out of it, and nothing else', async t => {
  const asked = [chunk('Hé', ',"usage":null'), chunk(SAID, ',"usage":null'), LAST, DONE]
  const { text, usage } = through(asked.map(each => Buffer.from(each)))
  t.equal(text, chunk('Hé', '') + chunk(SAID, '') + DONE)
  t.match(usage, { input: 3, output: 2 })
})

t.test('the bytes of an event are kept: spaces, comments and ids of a provider', async t => {
  const odd = ': processing\n\nid: 7\ndata: { "id" : "c", "choices": [] }\n\n'
  t.equal(through([Buffer.from(odd)]).text, odd)
})

t.test('the member is found wherever it stands', async t => {
  const first = 'data: {"usage":null,"id":"c"}\n\n'
  const spaced = 'data: {"id":"c", "usage" : null}\n\n'
  const many = chunk('a', ',"usage":null') + chunk('b', ',"usage":null') + chunk('c', '')
  t.equal(through([Buffer.from(first + spaced)]).text, 'data: {"id":"c"}\n\ndata: {"id":"c"}\n\n')
  t.equal(through([Buffer.from(many)]).text, chunk('a', '') + chunk('b', '') + chunk('c', ''))
})

t.test('a client gets the same events wherever the bytes are cut', async t => {
  const whole = Buffer.from(chunk('Hé', ',"usage":null') + chunk(SAID, ',"usage":null') + LAST + DONE)
  const expected = chunk('Hé', '') + chunk(SAID, '') + DONE
  for (let at = 0; at <= whole.length; at++) {
    t.equal(through([whole.subarray(0, at), whole.subarray(at)]).text, expected, `cut at ${at}`)
  }
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), cuts => {
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
      const pieces = places.slice(1).map((end, i) => whole.subarray(places[i], end))
      return through(pieces).text === expected
    })
  )
})

t.test('bytes that are no events do no harm', async t => {
  for (const text of ['"usage"\n\n', ',"usage":nul', '\n"usage"', ',"usage":null\n\n']) {
    t.doesNotThrow(() => through([Buffer.from(text)]), text)
  }
})

t.test('an event that is cut short is given out at the end, as far as it is one', async t => {
  t.equal(through([Buffer.from(chunk('a', ',"usage":null').trimEnd())]).text, chunk('a', ''))
})
