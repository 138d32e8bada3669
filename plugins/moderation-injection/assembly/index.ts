import {
  BodyKind,
  bodyKindOf,
  Coding,
  Decoder,
  Field,
  Json,
  onConfigure,
  onRequestBody,
  RequestView,
  Settings,
  Verdict,
  walkJson
} from '@sluice/plugin-sdk/assembly'
import { beginSigns, prepareLexicon, prepareSigns, scoreText, worst, worstRole, worstSigns } from '@sluice/plugin-sdk/assembly/injection'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { prepareChat, scoreAll, scoreChat } from './chat'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const MAX_NODES: i32 = 1 << 18

let blocks = true
let threshold = 5
let status = 422
let anyContentType = false
let fields: Field | null = null

const decoder = new Decoder()
let body: usize = 0

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, check)
}

function configure(settings: Settings): string {
  blocks = settings.string('action', 'block') == 'block'
  threshold = settings.int('threshold', 5)
  status = settings.int('status', 422)
  anyContentType = settings.bool('anyContentType')
  if (settings.has('fields')) fields = Field.of(settings.strings('fields'))
  prepareChat(settings.has('roles') ? settings.strings('roles') : ['user', 'tool'], settings.int('lastMessages'))
  prepareSigns(settings.strings('disable'))
  return prepareLexicon(settings.objects('phrases'))
}

function check(request: RequestView): Verdict {
  body = request.bodyAt
  const size = request.bodySize
  if (size == 0) return Verdict.next()
  const kind = bodyKindOf(request, body, size, anyContentType)
  if (kind == BodyKind.BINARY) return Verdict.next()
  if (kind == BodyKind.UNREADABLE) return Verdict.deny(status, 'The request body is not UTF-8 text.').tag('injection', 'unreadable')
  beginSigns()
  scoreBody(size, kind)
  return judge()
}

function scoreBody(size: i32, kind: BodyKind): void {
  if (kind == BodyKind.JSON || kind == BodyKind.JSON_LIKE) {
    if (fields !== null) {
      if (walkJson(body, size, fields, scoreField)) return
    } else {
      const json = Json.parseAt(body, size, MAX_NODES)
      if (json !== null) {
        if (!scoreChat(json)) scoreAll(json, 0)
        return
      }
    }
    // Not JSON after all, or too deep: some readers are lenient, so all of it is one text.
    scoreText(decoded(0, size, Coding.JSON), 'body')
  } else {
    scoreText(kind == BodyKind.FORM ? decoded(0, size, Coding.FORM) : utf8Decode(body, size), 'body')
  }
}

function scoreField(from: i32, to: i32, escaped: bool): bool {
  scoreText(escaped ? decoded(from, to, Coding.JSON) : utf8Decode(body + <usize>from, to - from), 'field')
  return true
}

function decoded(from: i32, to: i32, coding: Coding): string {
  decoder.clear()
  const text = decoder.add(body, from, to, coding)
  return utf8Decode(text.start, text.size)
}

function judge(): Verdict {
  if (worst == 0) return Verdict.next()
  const attack = worst >= threshold
  const verdict = attack && blocks ? Verdict.deny(status, 'The request looks like an attempt to redirect the model.') : Verdict.next()
  return verdict
    .tag('injection', !attack ? 'noticed' : blocks ? 'blocked' : 'flagged')
    .tag('injection.score', worst.toString())
    .tag('injection.signs', worstSigns)
    .tag('injection.role', worstRole)
}
