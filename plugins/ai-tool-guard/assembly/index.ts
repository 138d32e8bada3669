import {
  AiMessage,
  AiVerdict,
  ContextView,
  Json,
  onConfigure,
  onPrompt,
  onToolCall,
  PromptView,
  Settings,
  ToolCallView
} from '@sluice/plugin-sdk/assembly'
import { Access, Role } from './access'
import { Kept, Rule } from './rule'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const DETAIL = 'A tool may not be used like this.'
/** A search that the provider makes, and that is asked for by a parameter, where it is not among the tools already. */
const SEARCH_PARAMETER = 'web_search_options'
const SEARCH = 'web_search'
/** So many tools can be taken out of a prompt; with more it is refused. */
const MOST_REMOVED: i32 = 256

let access = new Access(new Settings(Json.object()))
const roles: Role[] = []
const rules: Rule[] = []
let offered = 'remove'
let calls = 'drop'
let maxCalls = -1
let maxTools = -1
let maxResult = -1
let cutsResults = true
let status = 403
let detail = DETAIL
let dryRun = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, checkPrompt)
}

export function on_tool_call(ptr: i32, len: i32): i32 {
  return onToolCall(ptr, len, checkCall)
}

function configure(settings: Settings): string {
  access = new Access(settings)
  offered = settings.string('offered', 'remove')
  calls = settings.string('calls', 'drop')
  maxCalls = settings.int('maxCalls', -1)
  maxTools = settings.int('maxTools', -1)
  maxResult = settings.object('results').int('maxCharacters', -1)
  cutsResults = settings.object('results').string('action', 'cut') == 'cut'
  status = settings.int('status', 403)
  detail = settings.string('message', DETAIL)
  dryRun = settings.bool('dryRun')
  const others = settings.objects('roles')
  for (let i = 0; i < others.length; i++) {
    const role = new Role(others[i])
    if (role.isVague) return 'roles[' + i.toString() + '] says not whose: give it consumers or a tag'
    roles.push(role)
  }
  const given = settings.objects('rules')
  for (let i = 0; i < given.length; i++) {
    const place = 'rules[' + i.toString() + ']'
    const rule = new Rule(given[i], place, calls)
    const mistake = rule.fill(given[i])
    if (mistake != '') return place + mistake
    rules.push(rule)
  }
  return ''
}

function checkPrompt(prompt: PromptView): AiVerdict {
  const verdict = AiVerdict.next()
  if (!checkTools(prompt, verdict)) return refused(verdict)
  return checkResults(prompt, verdict) ? verdict : refused(verdict)
}

/** False: the prompt is to be refused; the verdict has the tags that say why. */
function checkTools(prompt: PromptView, verdict: AiVerdict): bool {
  if (offered == 'keep') return maxTools < 0 || hasRoom(prompt.tools.length, verdict)
  const own = accessOf(prompt)
  let names = ''
  let count = 0
  let first = ''
  let search = false
  for (let i = 0; i < prompt.tools.length; i++) {
    const name = prompt.tools.at(i).name
    if (name == SEARCH) search = true
    const against = own.against(name)
    if (against == '') continue
    if (!dryRun && offered == 'remove') verdict.removeTool(name)
    names += (count++ == 0 ? '' : ',') + name
    if (first == '') first = against
  }
  if (!search && prompt.parameters().has(SEARCH_PARAMETER)) {
    const against = own.against(SEARCH)
    if (against != '') {
      if (!dryRun && offered == 'remove') verdict.setParameters(Json.object().set(SEARCH_PARAMETER, Json.nil()))
      names += (names == '' ? '' : ',') + SEARCH
      if (first == '') first = against
    }
  }
  if (names != '') {
    const outcome = offered == 'remove' && count <= MOST_REMOVED ? 'removed' : 'denied'
    noted(verdict, outcome, first).tag('tool-guard.tools', names.substring(0, 1024))
    if (outcome == 'denied') return false
  }
  return maxTools < 0 || hasRoom(prompt.tools.length - count, verdict)
}

function hasRoom(tools: i32, verdict: AiVerdict): bool {
  if (tools <= maxTools) return true
  noted(verdict, 'denied', 'maxTools')
  return false
}

/** As checkTools, for what tools have answered. */
function checkResults(prompt: PromptView, verdict: AiVerdict): bool {
  if (maxResult < 0) return true
  for (let i = 0; i < prompt.messages.length; i++) {
    const message = prompt.messages.at(i)
    if (message.role != 'tool') continue
    const text = message.text
    if (text.length <= maxResult) continue
    noted(verdict, cutsResults ? 'cut' : 'denied', 'results')
    if (!cutsResults) return false
    if (!dryRun) verdict.replaceMessage(i, AiMessage.tool(message.toolCallId, cut(text)))
  }
  return true
}

function cut(text: string): string {
  const end = maxResult
  const inside = (text.charCodeAt(end) & 0xfc00) == 0xdc00 // not within a character
  return text.substring(0, inside ? end - 1 : end) + '\n[The rest of ' + text.length.toString() + ' characters was cut off.]'
}

function checkCall(view: ToolCallView): AiVerdict {
  const name = view.call.name
  const against = accessOf(view).against(name)
  if (against != '') return stopped(AiVerdict.next(), calls, against, name)
  const known = view.stateText.length > 0 ? Json.parse(view.stateText) : null
  // How many calls each choice of the answer has so far: those that were dropped are none.
  const counts = known === null ? Json.object() : known
  const choice = view.index.toString()
  const before = counts.get(choice).asInteger()
  if (maxCalls >= 0 && before >= maxCalls) return stopped(AiVerdict.next(), calls, 'maxCalls', name)
  const counted = AiVerdict.next()
  if (maxCalls >= 0) counted.setStateText(counts.set(choice, Json.integer(before + 1)).toString())
  return checkArguments(view, counted)
}

/** @param verdict - on a call that goes out, and counts */
function checkArguments(view: ToolCallView, verdict: AiVerdict): AiVerdict {
  const tool = view.call.name
  const text = view.call.argumentsText
  let given = text == '' ? Json.object() : view.call.arguments()
  // Free text, or what the model could not write: only a rule for the whole can be kept by it.
  let malformed = !given.exists
  if (malformed) given = Json.string(text)
  let changed = false
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]
    if (!rule.isFor(tool)) continue
    const kept = malformed && !rule.isWhole ? Kept.NO : rule.judge(given)
    if (kept == Kept.YES) continue
    if (kept == Kept.NO) return stopped(AiVerdict.next(), rule.action == 'set' ? calls : rule.action, rule.name, tool)
    if (rule.isWhole) {
      given = rule.fresh()
      malformed = false
    }
    changed = true
    noted(verdict, 'changed', rule.name).tag('tool-guard.tool', tool)
  }
  if (changed && !dryRun) verdict.setArguments(given)
  return verdict
}

/** The first role that holds, or what is said for all. */
function accessOf(context: ContextView): Access {
  for (let i = 0; i < roles.length; i++) if (roles[i].holds(context)) return roles[i].access
  return access
}

function stopped(verdict: AiVerdict, action: string, rule: string, tool: string): AiVerdict {
  noted(verdict, action == 'deny' ? 'denied' : 'dropped', rule).tag('tool-guard.tool', tool)
  if (action == 'deny') return refused(verdict)
  if (!dryRun) verdict.drop = true
  return verdict
}

/** A refusal with the tags of `verdict`. */
function refused(verdict: AiVerdict): AiVerdict {
  if (dryRun) return verdict
  const denied = AiVerdict.deny(status, detail)
  const tags = tagsOf(verdict)
  for (let i = 0; i + 1 < tags.length; i += 2) denied.tag(tags[i], tags[i + 1])
  return denied
}

function tagsOf(verdict: AiVerdict): string[] {
  const beside = verdict.verdict
  if (beside === null) return []
  const tags = beside.tags
  return tags === null ? [] : tags
}

function noted(verdict: AiVerdict, outcome: string, rule: string): AiVerdict {
  return verdict.tag('tool-guard', dryRun ? 'would be ' + outcome : outcome).tag('tool-guard.rule', rule)
}
