import {
  lowerAscii,
  onConfigure,
  onRequest,
  RequestView,
  Settings,
  utf8Bytes,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { namesOf } from './known-bots'
import { Patterns } from './patterns'
import { areEnough, configureSigns, looksForSigns, signsIn } from './signs'
import { VerifiedBots } from './verified'
import { Words } from './words'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const allowed = new Words(false)
const allowedPatterns = new Patterns()
const denied = new Words(false)
const deniedPatterns = new Patterns()
const known = new Words(true)
const verified = new VerifiedBots()
let exemptPaths: string[] = []
let requiresAgent = true
let onlyTags = false
let status = 403
let missing = Verdict.next()

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  addTexts(allowed, settings.strings('allow'), 'allow')
  addTexts(denied, settings.strings('deny'), 'deny')
  addKnown(settings.strings('knownBots'))
  let wrong = allowedPatterns.fill(settings.strings('allowPatterns'), 'allowPatterns')
  if (wrong == '') wrong = deniedPatterns.fill(settings.strings('denyPatterns'), 'denyPatterns')
  if (wrong == '') wrong = verified.fill(settings.objects('verified'))
  if (wrong == '') wrong = configureSigns(settings.strings('signs'), settings.int('signsNeeded', 2))
  if (wrong != '') return wrong
  exemptPaths = settings.strings('exemptPaths')
  requiresAgent = settings.bool('requireUserAgent', true)
  onlyTags = settings.string('action', 'block') == 'tag'
  status = settings.int('status', 403)
  missing = refuse('missing', '', 'A User-Agent header that names the client is required.')
  const looksAtAgent = !(denied.isEmpty && deniedPatterns.isEmpty && known.isEmpty && verified.isEmpty)
  if (looksAtAgent || looksForSigns() || requiresAgent) return ''
  return 'nobody would be refused: name somebody in deny, denyPatterns, verified or knownBots, or a sign in signs'
}

function check(request: RequestView): Verdict {
  if (exemptPaths.length > 0 && exemptPaths.includes(request.path)) return Verdict.next()
  const lines = request.headers('user-agent')
  const agent = lines.length == 1 ? lines[0] : lines.join(', ')
  if (isBlank(agent)) return requiresAgent ? missing : Verdict.next()
  const lower = lowerAscii(agent)
  // Of two user agents, one may be there to let the other in.
  if (lines.length == 1) {
    const passed = judgeFriend(request, agent, lower)
    if (passed !== null) return passed
  }
  const refused = judgeName(agent, lower)
  if (refused !== null) return refused
  return looksForSigns() ? judgeSigns(request, agent, lower, lines.length) : Verdict.next()
}

/** Who is let in by name, or pretends to be; null when it is nobody of these. */
function judgeFriend(request: RequestView, agent: string, lower: string): Verdict | null {
  if (!verified.isEmpty) {
    const bot = verified.find(lower)
    if (bot >= 0) {
      const name = verified.nameOf(bot)
      return verified.isFrom(bot, request.clientIp) ? pass(name) : refuse('forged', name, AUTOMATED)
    }
  }
  if (!allowed.isEmpty) {
    const text = allowed.find(lower)
    if (text >= 0) return pass(allowed.labels[text])
  }
  if (allowedPatterns.isEmpty) return null
  const pattern = allowedPatterns.find(utf8Bytes(agent))
  return pattern < 0 ? null : pass('allowPatterns[' + pattern.toString() + ']')
}

/** Who is refused by name; null when it is nobody of these. */
function judgeName(agent: string, lower: string): Verdict | null {
  const text = denied.isEmpty ? -1 : denied.find(lower)
  if (text >= 0) return refuse('denied', denied.labels[text], AUTOMATED)
  const name = known.isEmpty ? -1 : known.find(lower)
  if (name >= 0) return refuse('known', known.labels[name], AUTOMATED)
  if (deniedPatterns.isEmpty) return null
  const pattern = deniedPatterns.find(utf8Bytes(agent))
  return pattern < 0 ? null : refuse('denied', 'denyPatterns[' + pattern.toString() + ']', AUTOMATED)
}

function judgeSigns(request: RequestView, agent: string, lower: string, lines: i32): Verdict {
  const signs = signsIn(request, agent, lower, lines)
  if (signs.length == 0) return Verdict.next()
  const list = signs.join(' ')
  return areEnough(signs) ? refuse('signs', list, AUTOMATED) : Verdict.next().tag('bot-filter.signs', list)
}

const AUTOMATED = 'Automated requests are not accepted here.'

function pass(rule: string): Verdict {
  return Verdict.next().tag('bot-filter', 'allowed').tag('bot-filter.rule', rule)
}

/** The client is not told what gave it away; the log is, by tags. */
function refuse(why: string, rule: string, detail: string): Verdict {
  const verdict = (onlyTags ? Verdict.next() : Verdict.deny(status, detail)).tag('bot-filter', why)
  return rule.length > 0 ? verdict.tag('bot-filter.rule', rule) : verdict
}

function addTexts(words: Words, texts: string[], name: string): void {
  for (let i = 0; i < texts.length; i++) words.add(lowerAscii(texts[i]), name + '[' + i.toString() + ']')
}

function addKnown(lists: string[]): void {
  for (let i = 0; i < lists.length; i++) {
    const names = namesOf(lists[i])
    for (let n = 0; n < names.length; n++) known.add(names[n], lists[i] + ': ' + names[n])
  }
}

function isBlank(text: string): bool {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x20 && text.charCodeAt(i) != 0x2c) return false
  return true
}
