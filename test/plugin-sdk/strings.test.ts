import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import type { Case } from '../../core/cli/plugin/case.js'
import { reportOn } from '../../core/cli/plugin/test.js'
import { author } from './author.js'

/** Text on its whole way: client, host, plugin and back. What text.test.ts has for single functions. */

const SOURCE = `
import { Json, onConfigure, onRequest, onRequestBody, RequestView, Settings, utf8Bytes, utf8Text, Verdict } from '@sluice/plugin-sdk/assembly'
let said = ''
export function on_configure(p: i32, n: i32): i32 { return onConfigure(p, n, configure) }
export function on_request(p: i32, n: i32): i32 { return onRequest(p, n, check) }
export function on_request_body(p: i32, n: i32): i32 { return onRequestBody(p, n, checkBody) }
function configure(settings: Settings): string {
  said = settings.string('said')
  return said == 'no' ? 'nö \\u{1F600} ' + String.fromCharCode(0xd83d) : ''
}
function check(request: RequestView): Verdict {
  if (request.path == '/deny') return Verdict.deny(400, said + String.fromCharCode(0xde00))
  return Verdict.next()
    .tag('said', said)
    .tag('units', said.length.toString())
    .tag('header', request.header('x-text'))
    .tag('param', request.queryParam('q'))
    .tag('lone', 'a' + String.fromCharCode(0xd83d) + 'b')
    .tag('again', utf8Text(utf8Bytes(said)) == said ? 'same' : 'other')
}
function checkBody(request: RequestView): Verdict {
  const json = Json.parse(request.bodyText())
  if (json === null) return Verdict.next().setBodyText('null').tag('size', request.bodySize.toString())
  const text = json.get('text').asString()
  return Verdict.next().setBodyText(text + '|' + text.length.toString() + '|' + Json.quote(text))
}
`

const EMOJI = 'grüße 👩‍👩‍👧 𝒳 😀'

const CASES: Readonly<Record<string, Case>> = {
  emoji: {
    settings: { said: EMOJI },
    request: { query: `q=${encodeURIComponent(EMOJI)}`, headers: { 'x-text': 'grüße' } },
    expect: {
      request: {
        tags: {
          said: EMOJI,
          units: String(EMOJI.length),
          header: 'grüße',
          param: EMOJI,
          lone: 'a\ufffdb',
          again: 'same'
        }
      }
    }
  },
  'lone surrogates in settings': {
    settings: { said: '\ud83d-\ude00' },
    expect: { request: { tags: { said: '\ufffd-\ufffd', units: '3', again: 'same' } } }
  },
  'a lone surrogate in a reply': {
    settings: { said: EMOJI },
    request: { path: '/deny' },
    expect: { reply: { body: { detail: `${EMOJI}\ufffd` } } }
  },
  'refused with emoji': { settings: { said: 'no' }, expect: { refused: 'nö 😀 \ufffd' } },
  'a body with an escaped pair': {
    request: { body: String.raw`{"text":"\ud83d\ude00 \ud83d x"}` },
    expect: { request: { body: '😀 \ufffd x|6|"😀 \ufffd x"' } }
  },
  'a body with plain emoji': {
    request: { body: JSON.stringify({ text: EMOJI }) },
    expect: { request: { body: `${EMOJI}|${EMOJI.length}|"${EMOJI}"` } }
  },
  'a body that is no JSON': {
    request: { body: '{"text":"😀' },
    expect: { request: { body: 'null', tags: { size: '13' } } }
  }
}

const folder = author(t, {
  source: SOURCE,
  manifest: {
    hooks: ['on_configure', 'on_request', 'on_request_body'],
    permissions: { requestHeaders: { read: ['x-text'] }, requestBody: 'write' },
    settings: { type: 'object', properties: { said: { type: 'string' } } }
  },
  cases: CASES
})
await buildPlugin(folder, { quiet: true })

for (const { name, problems } of (await reportOn(folder)).results) {
  t.test(`text keeps its characters both ways: ${name}`, async t => t.strictSame(problems, []))
}
