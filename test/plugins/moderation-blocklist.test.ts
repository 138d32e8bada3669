import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

const JSON_TYPE = 'application/json'
const MASK = '#'

t.test('whatever the JSON and however it is escaped: exactly the words are masked, all else stays', async t => {
  const text = fc.array(fc.constantFrom('a', 'b', 'A', 'B', 'ß', 'Ж', 'ж', '鑰', '🦆', '"', '\\', '\n', ' ', 'x'), {
    maxLength: 40
  })
  const value = fc.letrec(tie => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text.map(join_),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map')
    ),
    list: fc.array(tie('any'), { maxLength: 4 }),
    map: fc.dictionary(text.map(join_), tie('any'), { maxKeys: 4 })
  })).any
  const word = fc.array(fc.constantFrom('a', 'b', 'Ж', '鑰', '🦆', '"', ' '), { minLength: 1, maxLength: 3 }).map(join_)
  const words = fc.array(word, { minLength: 1, maxLength: 4 })
  const property = fc.asyncProperty(value, words, fc.infiniteStream(fc.nat(5)), async (json, list, choices) => {
    const guest = await blocklist({ words: list, wholeWords: false, action: 'redact', mask: MASK })
    const written = write(json, choices)
    const out = bodyOf(send(guest, written), written)
    return JSON.stringify(JSON.parse(out)) === JSON.stringify(maskedIn(JSON.parse(written), list))
  })
  await t.resolves(fc.assert(property, { numRuns: 400 }))
})

t.test('no bytes at all make it trap, and bytes without a match pass as they are', async t => {
  const guest = await blocklist({ words: ['ab', 'Жж', '鑰'], action: 'redact' })
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 6 }).map(bytes => Buffer.from(bytes)),
    fc
      .constantFrom('"', '\\', '\\u', '\\ud83e', '{', '[', ':', ',', 'a', 'b', 'ж', '鑰', '%4', '%', '+')
      .map(part => Buffer.from(part))
  )
  const body = fc.array(piece, { maxLength: 30 }).map(parts => Buffer.concat(parts))
  const type = fc.constantFrom(JSON_TYPE, 'text/plain', 'application/x-www-form-urlencoded', '')
  const property = fc.property(body, type, (bytes, contentType) => {
    const verdict = send(guest, bytes, contentType)
    return verdict.body !== null || verdict.reply !== null || verdict.tags.length === 0
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3_000 }))
})

t.test('every letter whose other case is one letter is found in either case', async t => {
  const missed: string[] = []
  const letters: string[] = []
  // Scripts that get no new letters: Node's Unicode may be newer than the guest's.
  const scripts = [
    0x41, 0x530, 0x531, 0x590, 0x10a0, 0x1100, 0x1e00, 0x1f00, 0x2c00, 0x2c2f, 0xff21, 0xff3b, 0x10400, 0x10428
  ]
  const points = scripts.flatMap((from, i) =>
    i % 2 === 0 ? Array.from({ length: (scripts[i + 1] ?? from) - from }, (_, n) => from + n) : []
  )
  for (const point of points) {
    const upper = String.fromCodePoint(point)
    const lower = upper.toLowerCase()
    // Foldings that change the number of letters are not simple ones.
    if (lower !== upper && [...lower].length === 1 && lower.toUpperCase() === upper) letters.push(upper)
  }
  const guest = await blocklist({ words: letters.map(letter => `x${letter.toLowerCase()}x`), wholeWords: false })
  for (const letter of letters) if (send(guest, `x${letter}x`, 'text/plain').reply === null) missed.push(letter)
  t.ok(letters.length > 400)
  t.strictSame(missed, [])
})

t.test('thousands of words that are beginnings and endings of each other are all found', async t => {
  const words = Array.from({ length: 3_000 }, (_, i) => `k${i.toString(3)}`)
  const guest = await blocklist({ words })
  for (const [i, word] of words.entries()) {
    if (i % 50 !== 0) continue
    t.match(tagOf(send(guest, `see ${word}.`, 'text/plain'), 'moderation.rule'), `words[${i}]`)
  }
})

t.test('words that need more memory than is sensible are refused', async t => {
  const guest = await guestFrom(join(ROOT, 'plugins/moderation-blocklist'))
  const words = Array.from({ length: 4_000 }, (_, i) => String.fromCodePoint(0x4e00 + i, 0x4e01 + i, 0x4e02 + i))
  t.match(guest.configure({ words }), 'too many together')
})

t.test('a body with more matches than may be masked is refused', async t => {
  const guest = await blocklist({ words: ['x'], wholeWords: false, action: 'redact' })
  t.equal(send(guest, 'x'.repeat(65_537), 'text/plain').reply?.status, 422)
  t.equal(send(guest, 'x'.repeat(65_536), 'text/plain').body?.length, 3 * 65_536)
})

t.test('what one body left behind is not seen in the next', async t => {
  const guest = await blocklist({ words: ['damn'], action: 'redact' })
  send(guest, '{"a":"d\\u0061mn damn"}')
  t.strictSame(send(guest, '{"a":"fine"}').tags, [])
  t.equal(tagOf(send(guest, '{"a":"damn"}'), 'moderation.count'), '1')
})

t.test('malformed UTF-8 stands between letters and hides no word beside it', async t => {
  const guest = await blocklist({ words: ['damn'], action: 'redact' })
  const body = Buffer.from('\xff damn \xc3damn da\xffmn', 'latin1')
  t.strictSame(send(guest, body, 'text/plain').body, Buffer.from('\xff *** \xc3*** da\xffmn', 'latin1'))
})

async function blocklist(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/moderation-blocklist'))
  t.equal(guest.configure(settings), '')
  return guest
}

function send(guest: Guest, body: string | Uint8Array, contentType = JSON_TYPE): Verdict {
  const request = { method: 'POST', path: '/', headers: ['content-type', contentType] }
  return guest.verdict('on_request_body', RequestInput.encode({ request, body: Buffer.from(body) }).finish())
}

function bodyOf(verdict: Verdict, given: string): string {
  return verdict.body === null ? given : Buffer.from(verdict.body).toString('utf8')
}

function tagOf(verdict: Verdict, name: string): string | undefined {
  return verdict.tags[verdict.tags.lastIndexOf(name) + 1]
}

function join_(parts: readonly string[]): string {
  return parts.join('')
}

/** JSON with blanks and escapes wherever `choices` says. */
function write(value: unknown, choices: Iterator<number>): string {
  const pick = () => choices.next().value ?? 0
  const blank = () => [' ', '\n', '', '', '', '\t'][pick()] ?? ''
  const quote = (text: string) =>
    `"${Array.from({ length: text.length }, (_, i) => unit(text.charAt(i), pick())).join('')}"`
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value))
    return `[${blank()}${value.map(item => write(item, choices)).join(`${blank()},`)}${blank()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, item]) => `${blank()}${quote(key)}:${blank()}${write(item, choices)}`
  )
  return `{${members.join(',')}${blank()}}`
}

function unit(char: string, choice: number): string {
  const isSurrogate = char >= '\ud800' && char <= '\udfff'
  // A pair is escaped as a whole or not at all: half of one is another letter.
  if (choice === 0 && !isSurrogate) return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return isSurrogate ? char : JSON.stringify(char).slice(1, -1)
}

/** The plain way: every place of every word, places that overlap joined, a mask for each. */
function maskedIn(value: unknown, words: readonly string[]): unknown {
  if (typeof value === 'string') return maskedText(value, words)
  if (Array.isArray(value)) return value.map(item => maskedIn(item, words))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedIn(item, words)]))
}

function maskedText(text: string, words: readonly string[]): string {
  const plain = text.toLowerCase().replaceAll('\n', ' ')
  const spans: [number, number][] = []
  for (const word of words) {
    const wanted = word.toLowerCase()
    for (let at = plain.indexOf(wanted); at >= 0; at = plain.indexOf(wanted, at + 1))
      spans.push([at, at + wanted.length])
  }
  spans.sort(([a], [b]) => a - b)
  let out = ''
  let kept = 0
  let end = -1
  for (const [from, to] of spans) {
    if (from >= end) {
      out += text.slice(kept, from) + MASK
      end = to
    }
    end = Math.max(end, to)
    kept = end
  }
  return out + text.slice(kept)
}
