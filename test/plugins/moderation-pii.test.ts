import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { RequestInput, ResponseInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

const JSON_TYPE = 'application/json'
const EVENTS = 'text/event-stream'
const SAMPLES = [
  'jane@example.com',
  '+49 30 1234567',
  '4111 1111 1111 1111',
  'DE89370400440532013000',
  '123-45-6789',
  '203.0.113.7',
  'AKIAIOSFODNN7EXAMPLE',
  '-----BEGIN PRIVATE KEY-----\na"\\b\n-----END PRIVATE KEY-----'
]

t.test('an echo of what was replaced is what was sent, however it is escaped', async t => {
  const guest = await pii({ action: 'replace' })
  const part = fc.oneof(
    fc.constantFrom(...SAMPLES),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.constantFrom('[EMAIL_1]', '[EMAIL_2]', '[PHONE_999999]')
  )
  const text = fc.array(part, { maxLength: 8 }).map(parts => parts.join(' ; '))
  const property = fc.property(fc.dictionary(fc.string(), text, { maxKeys: 5 }), fc.boolean(), (json, escapes) => {
    const plain = JSON.stringify(json)
    const body = escapes ? plain.replaceAll('_', '\\u005f') : plain
    const { out, state } = sent(guest, body)
    return received(guest, escapes ? JSON.stringify(JSON.parse(out)) : out, state) === plain
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }))
})

t.test('nothing of a sample is left in what goes upstream', async t => {
  const guest = await pii({ action: 'replace' })
  for (const sample of SAMPLES) t.notMatch(sent(guest, JSON.stringify([`a ${sample} b`])).out, sample.slice(0, 10))
})

t.test('more originals than the gateway keeps are refused', async t => {
  const guest = await pii({ action: 'replace' })
  const addresses = Array.from({ length: 3_500 }, (_, i) => `someone.${i}@example.com`)
  const { reply } = send(guest, addresses.join(' '), 'text/plain')
  t.match(Buffer.from(reply?.body ?? []).toString(), 'more personal data than can be replaced')
  t.match(send(guest, addresses.slice(0, 1_000).join(' '), 'text/plain').tags.join(), 'email:1000')
})

t.test('a stream that is cut anywhere is restored', async t => {
  const guest = await pii({ action: 'replace' })
  const { state } = sent(guest, JSON.stringify([SAMPLES[0]]))
  const text = 'Dear [EMAIL_1], "[EMAIL_1]" [EMAIL_2]'
  const property = fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 12 }), cuts => {
    const places = [0, ...cuts.sort((a, b) => a - b), text.length]
    const pieces = places.slice(1).map((end, i) => text.slice(places[i], end))
    const events = pieces.map(content => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`).join('')
    return streamed(received(guest, events, state, EVENTS)) === text.replaceAll('[EMAIL_1]', SAMPLES[0] ?? '')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }))
})

t.test('no bytes at all make it trap', async t => {
  const guest = await pii({ direction: 'both', action: 'replace', mask: '{last4}' })
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 6 }).map(bytes => Buffer.from(bytes)),
    fc
      .constantFrom('"', '\\', '{', '[', ':', '@', '+1', '%40', '::', '[EMAIL_', '1]', 'eyJ', '-----BEGIN ', ...SAMPLES)
      .map(text => Buffer.from(text))
  )
  const body = fc.array(piece, { maxLength: 20 }).map(parts => Buffer.concat(parts))
  const type = fc.constantFrom(JSON_TYPE, 'text/plain', 'application/x-www-form-urlencoded', '')
  const property = fc.property(body, type, fc.uint8Array({ maxLength: 12 }), (bytes, contentType, state) => {
    send(guest, bytes, contentType)
    receive(guest, bytes, state, contentType)
    receive(guest, bytes, state, EVENTS)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3_000 }))
})

t.test('a megabyte that is made to be slow is not', async t => {
  const guest = await pii({})
  const parts = [
    'sk-',
    'eyJ.',
    'eyJ',
    'eyJ-',
    '@',
    'a@',
    'a%40',
    'a@b.',
    '+1 ',
    '(1',
    '1 ',
    '1234567 ',
    '020 7946 ',
    ':',
    'a:',
    '::1'
  ]
  parts.push(
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY----',
    'DE89 3704 ',
    '://a:',
    '{last4}',
    '\u200b',
    '1.2.3.',
    '[EMAIL_',
    'a1234',
    '4111  1111  ',
    '4111111111111111a',
    'a4111111111111111'
  )
  send(guest, 'warm', 'text/plain')
  for (const part of parts) {
    const body = part.repeat(Math.ceil((1 << 20) / Buffer.byteLength(part)))
    const before = process.cpuUsage()
    send(guest, body, 'text/plain')
    const took = process.cpuUsage(before).user / 1_000 // of the processor: others may use it too
    t.ok(took < 1000, `${JSON.stringify(part)}: ${took.toFixed(0)} ms`)
  }
})

async function pii(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/moderation-pii'))
  t.equal(guest.configure(settings), '')
  return guest
}

function send(guest: Guest, body: string | Uint8Array, contentType = JSON_TYPE): Verdict {
  const request = { method: 'POST', path: '/', headers: ['content-type', contentType] }
  return guest.verdict('on_request_body', RequestInput.encode({ request, body: Buffer.from(body) }).finish())
}

function receive(guest: Guest, body: string | Uint8Array, state: Uint8Array, contentType = JSON_TYPE): Verdict {
  const response = { status: 200, headers: ['content-type', contentType] }
  const context = { state }
  return guest.verdict(
    'on_response_body',
    ResponseInput.encode({ context, response, body: Buffer.from(body) }).finish()
  )
}

function sent(guest: Guest, body: string): { out: string; state: Uint8Array } {
  const { body: changed, state } = send(guest, body)
  return { out: changed === null ? body : Buffer.from(changed).toString(), state: Buffer.from(state ?? []) }
}

function received(guest: Guest, body: string, state: Uint8Array, contentType = JSON_TYPE): string {
  const { body: changed } = receive(guest, body, state, contentType)
  return changed === null ? body : Buffer.from(changed).toString()
}

/** The text of an event stream's pieces. */
function streamed(events: string): string {
  const pieces = events.split('\n\n').filter(event => event !== '')
  return pieces.map(event => JSON.parse(event.slice(6)).choices[0].delta.content).join('')
}
