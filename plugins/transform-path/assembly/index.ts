import {
  onConfigure,
  onRequest,
  RequestView,
  Settings,
  Template,
  unnamedHeader,
  Verdict,
  withMergedSlashes
} from '@sluice/plugin-sdk/assembly'
import { hasDotSegment, isPathText, MAX_LENGTH, withoutPrefix } from './path-text'
import { PathTemplate, pathMistake } from './path-template'
import { beginMatching, isTooMuch } from './pattern'
import { QueryEdits } from './query-edits'
import { Replacement, replacementMistake } from './replacement'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let stripPrefix = ''
const replacements: Replacement[] = []
let path: PathTemplate | null = null
let addPrefix: PathTemplate | null = null
let mergesSlashes = true
const query = new QueryEdits()

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, rewrite)
}

function configure(settings: Settings): string {
  const used: Template[] = []
  mergesSlashes = settings.bool('mergeSlashes', true)
  stripPrefix = settings.string('stripPrefix')
  if (!isPathText(stripPrefix)) return 'stripPrefix has what must be percent-encoded in a path'
  const rules = settings.objects('replace')
  for (let i = 0; i < rules.length; i++) {
    const rule = Replacement.of(rules[i])
    if (rule === null) return 'replace[' + i.toString() + '].' + replacementMistake
    replacements.push(rule)
    used.push(rule.text)
  }
  let wrong = ''
  if (settings.has('path')) {
    if (stripPrefix != '' || rules.length > 0)
      return 'path is the whole path: stripPrefix and replace have nothing to do beside it'
    path = compiled('path', settings, used)
    if (path === null) return 'path: ' + pathMistake
    if (!isAbsolute(path)) return 'path must begin with "/" or {path}'
  }
  if (settings.has('addPrefix')) {
    addPrefix = compiled('addPrefix', settings, used)
    if (addPrefix === null) return 'addPrefix: ' + pathMistake
  }
  wrong = query.fill(settings.object('query'))
  if (wrong != '') return 'query.' + wrong
  if (used.length == 0 && stripPrefix == '' && query.isEmpty)
    return 'there is nothing to do: the settings change neither path nor query'
  const templates = used.concat(query.templates())
  const named = settings.object('read').strings('request')
  for (let i = 0; i < templates.length; i++) {
    wrong = unnamedHeader('request', templates[i].requestHeaders(), named)
    if (wrong != '') return wrong
  }
  return ''
}

function compiled(key: string, settings: Settings, used: Template[]): PathTemplate | null {
  const template = PathTemplate.compile(settings.string(key), null)
  if (template !== null) used.push(template.template)
  return template
}

function isAbsolute(template: PathTemplate | null): bool {
  return template !== null && template.isAbsolute
}

function rewrite(request: RequestView): Verdict {
  const verdict = Verdict.next()
  const before = request.path
  const after = rewritten(request, before)
  if (after === null) return isTooMuch() ? refuse(414, 'too-long') : refuse(400, 'missing-part')
  if (after != before) {
    if (!after.startsWith('/') || !isPathText(after) || hasDotSegment(after)) return refuse(400, 'invalid-path')
    if (after.length > MAX_LENGTH) return refuse(414, 'too-long')
    verdict.setPath(after)
  }
  if (query.isEmpty) return verdict
  const wanted = query.apply(request)
  if (wanted.length > MAX_LENGTH) return refuse(414, 'too-long')
  return wanted == request.query ? verdict : verdict.setQuery(wanted)
}

/** The path as it is to be; null when a part of it is not there, or it took too long. */
function rewritten(request: RequestView, before: string): string | null {
  let text = mergesSlashes ? withMergedSlashes(before) : before
  if (stripPrefix != '') {
    const rest = withoutPrefix(text, stripPrefix)
    if (rest !== null) text = rest
  }
  beginMatching()
  for (let i = 0; i < replacements.length; i++) {
    const replaced = replacements[i].apply(request, text)
    if (replaced === null || isTooMuch()) return null
    text = replaced
  }
  const whole = path
  if (whole !== null) {
    const made = whole.render(request, null, text)
    if (made === null) return null
    text = made
  }
  const prefix = addPrefix
  if (prefix !== null) {
    const made = prefix.render(request, null, text)
    if (made === null) return null
    text = text == '/' ? made : made + text
  }
  return mergesSlashes ? withMergedSlashes(text) : text
}

function refuse(status: i32, why: string): Verdict {
  const detail =
    status == 414 ? 'The path or query of this request is too long.' : 'The path of this request cannot be rewritten.'
  return Verdict.deny(status, detail).tag('transform-path', why)
}
