import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Case } from '../../core/cli/plugin/case.js'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

const FOLDER = join(ROOT, 'plugins/waf')

t.test('the counts in the README are those of the corpus', async t => {
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  for (const level of [1, 2, 3]) {
    const guest = await waf({ paranoia: level, headers: ['user-agent', 'referer', 'x-forwarded-for'] })
    const [attacks, found] = await countOf(guest, 'attack-')
    const [benign, refused] = await countOf(guest, 'benign-')
    const row = new RegExp(`\\| ${level} +\\| ${found} of ${attacks} +\\| ${refused} of ${benign} +\\|`)
    t.match(readme, row, `level ${level}: ${found} of ${attacks} attacks, ${refused} of ${benign} others`)
  }
})

t.test('an attack is found however it is encoded', async t => {
  const guest = await waf({})
  const attacks = ["' or 1=1--", '<script>x', '../../../x', '; cat /x/y', '\u0024{jndi:ldap://x}', '1 union select 1,2']
  const encodings: ((text: string) => string)[] = [
    text => text.toUpperCase(),
    text => encodeAll(text),
    text => encodeURIComponent(encodeAll(text)),
    text => encodeAll(encodeURIComponent(encodeAll(text))),
    text => [...text].map(each => `%u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    text => [...text].map(each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    text => text.replaceAll(/[a-z]/g, each => `${each}\u200b`),
    text => text.replaceAll(/[!-~]/g, each => String.fromCharCode(each.charCodeAt(0) + 0xfee0)),
    text => text.replaceAll(' ', '\t\v '),
    text => text.replaceAll(/[a-z]/g, each => `${each}\0`)
  ]
  for (const attack of attacks) {
    for (const [i, encode] of encodings.entries()) {
      t.ok(query(guest, `q=${encodeURIComponent(encode(attack))}`).reply, `${attack} in encoding ${i}`)
    }
  }
})

t.test('no bytes at all make it trap', async t => {
  const guest = await waf({ mode: 'detect', paranoia: 3 })
  const signs = [
    "'",
    '"',
    '<',
    '%',
    '%u',
    '&#',
    '\\u',
    '/*',
    '*/',
    '../',
    '\r\n',
    '--or',
    'content-disposition:',
    'filename=',
    ';',
    '|',
    '$(',
    '${',
    '{{',
    '`',
    '(',
    ')',
    '--',
    '\0',
    '=',
    '&'
  ]
  const word = fc.constantFrom(
    'or',
    'union',
    'select',
    'cat',
    'script',
    'onload',
    'javascript:',
    'etc/passwd',
    '1',
    ' ',
    ...signs
  )
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 4 }).map(bytes => Buffer.from(bytes)),
    word.map(text => Buffer.from(text))
  )
  const bytes = fc.array(piece, { maxLength: 25 }).map(parts => Buffer.concat(parts))
  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=or',
    ''
  ]
  const property = fc.property(bytes, fc.constantFrom(...types), (input, type) => {
    query(guest, input.toString('latin1'))
    body(guest, input, type)
    body(guest, `--or\r\n${input}`, type)
    body(guest, '--or--', `multipart/form-data; ${input.toString('latin1')}boundary=or`)
    body(guest, JSON.stringify(input.toString('utf8')), 'application/json')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3_000 }))
})

t.test('a body that is made to be slow is not', async t => {
  const guest = await waf({ mode: 'detect', paranoia: 3, bodyBytes: 131_072 })
  const parts = [
    "'",
    "'--",
    "' --",
    "'/*",
    '"',
    '<',
    '<a ',
    '<a',
    '<!doctype[',
    'onload=',
    ' onload=',
    'a',
    'or ',
    "' or ",
    "' or '",
    '1 or 1'
  ]
  parts.push(
    'union ',
    'union select ',
    'select ',
    '(select ',
    'delete from ',
    '; drop table x',
    'extractvalue.',
    '../',
    '..',
    '/*',
    '/**/'
  )
  parts.push(
    '$(',
    '${',
    '{{',
    ';cat ',
    ';cat a',
    '`',
    '&#',
    '%',
    '\\u',
    ':',
    'javascript:',
    'j:',
    '*)(',
    '%25',
    '/etc/',
    '//etc/passwd',
    '__class__'
  )
  body(guest, 'warm', 'text/plain')
  for (const part of parts) {
    const text = part.repeat(Math.ceil(131_072 / part.length))
    const before = process.cpuUsage()
    body(guest, text, 'text/plain')
    const took = process.cpuUsage(before).user / 1_000 // of the processor: others may use it too
    t.ok(took < 500, `${JSON.stringify(part)}: ${took.toFixed(0)} ms`)
  }
})

t.test('a body of many parts or keys that is made to be slow is not', async t => {
  const guest = await waf({ mode: 'detect', paranoia: 3, bodyBytes: 131_072 })
  const keys = ['"', '"\\', '"$', '"c\\":', '"constructor":{', '{"constructor":{"a', '"\\u0063onstructor":']
  const lines = [
    '--',
    '\r\n--or',
    '\r\n--or ',
    '\r\n--or\r\n',
    '--or\r\n\r\n',
    '; filename="',
    "; filename='",
    'x.php;',
    '\\"'
  ]
  const head = '--or\r\nContent-Disposition: form-data'
  body(guest, 'warm', 'text/plain')
  for (const part of [...keys, ...lines]) {
    const text = part.repeat(Math.ceil(131_072 / part.length))
    const before = process.cpuUsage()
    if (keys.includes(part)) body(guest, text, 'application/json')
    else for (const start of ['', head]) body(guest, start + text, 'multipart/form-data; boundary=or')
    const took = process.cpuUsage(before).user / 1_000
    t.ok(took < 500, `${JSON.stringify(part)}: ${took.toFixed(0)} ms`)
  }
})

t.test('a form with more parts than are looked at is an attack', async t => {
  const guest = await waf({ mode: 'detect' })
  const form = (parts: number) => `${'--x\r\n\r\n\r\n'.repeat(parts)}--x--\r\n`
  t.equal(body(guest, form(1_024), 'multipart/form-data; boundary=x').tags.length, 0)
  t.match(body(guest, form(1_025), 'multipart/form-data; boundary=x').tags.join(' '), 'waf.rules proto-limit')
})

async function waf(settings: object): Promise<Guest> {
  const guest = await guestFrom(FOLDER)
  t.equal(guest.configure({ methods: ['GET', 'POST'], ...settings }), '')
  return guest
}

/** How many cases begin so, and how many of them are refused. */
async function countOf(guest: Guest, prefix: string): Promise<[all: number, refused: number]> {
  const files = readdirSync(join(FOLDER, 'cases')).filter(file => file.startsWith(prefix))
  let refused = 0
  for (const file of files) {
    const { request = {} } = JSON.parse(readFileSync(join(FOLDER, 'cases', file), 'utf8')) as Case
    const headers = Object.entries(request.headers ?? {}).flatMap(([name, value]) => [name, String(value)])
    const head = { method: request.method ?? 'GET', path: request.path ?? '/', query: request.query ?? '', headers }
    const early = guest.verdict('on_request', RequestInput.encode({ request: head }).finish())
    const text = Buffer.from(request.body ?? '')
    if (
      early.reply ||
      guest.verdict('on_request_body', RequestInput.encode({ request: head, body: text }).finish()).reply
    )
      refused++
  }
  return [files.length, refused]
}

t.test('fields are counted for each request, whatever bodies came before', async t => {
  const guest = await waf({ mode: 'detect', parameters: 10 })
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `f${i}=1`).join('&')
  const type = 'application/x-www-form-urlencoded'
  for (let i = 0; i < 5; i++) t.strictSame(body(guest, fields(10), type).tags, [])
  t.match(body(guest, fields(11), type).tags.join(' '), 'waf.rules proto-limit')
  t.strictSame(body(guest, fields(10), type).tags, [])
})

function query(guest: Guest, text: string): Verdict {
  const request = { method: 'GET', path: '/', query: text, headers: ['user-agent', 'x'] }
  return guest.verdict('on_request', RequestInput.encode({ request }).finish())
}

function body(guest: Guest, text: string | Uint8Array, type: string): Verdict {
  const request = { method: 'POST', path: '/', headers: type === '' ? [] : ['content-type', type] }
  return guest.verdict('on_request_body', RequestInput.encode({ request, body: Buffer.from(text) }).finish())
}

function encodeAll(text: string): string {
  return [...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
}
