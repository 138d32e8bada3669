import { AiVerdict, hexEncode, kv, Json, onConfigure, onPrompt, PromptView, Settings, sha256, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { firstAsked } from './asked'
import { Override } from './override'
import { Scale } from './score'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const models: string[] = []
const thresholds: f64[] = []
let routed: string[] = []
const overrides: Override[] = []
let scale = new Scale(new Settings(Json.object()))
let sticky = 'no'
let stickyMs: i64 = 3_600_000

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, route)
}

function configure(settings: Settings): string {
  const levels = settings.objects('levels')
  for (let i = 0; i < levels.length; i++) {
    const place = 'levels[' + i.toString() + '].from'
    if (i > 0 && !levels[i].has('from')) return place + ' is missing: the score from which on this model is asked'
    const from = levels[i].float('from', -Infinity)
    if (i > 0 && from <= thresholds[i - 1]) return place + ' must be above that of the level before'
    models.push(levels[i].string('model'))
    thresholds.push(from)
  }
  const given = settings.objects('overrides')
  for (let i = 0; i < given.length; i++) {
    const exception = new Override(given[i])
    if (exception.mistake != '') return 'overrides[' + i.toString() + '] ' + exception.mistake
    overrides.push(exception)
  }
  routed = settings.strings('models')
  sticky = settings.string('sticky', 'no')
  stickyMs = <i64>settings.int('stickySeconds', 3600) * 1000
  scale = new Scale(settings.object('weights'))
  return scale.fill(settings.objects('keywords'))
}

function route(prompt: PromptView): AiVerdict {
  // The levels are models that chat.
  if (!prompt.isChat || !isRouted(prompt.model)) return AiVerdict.next()
  for (let i = 0; i < overrides.length; i++) {
    if (overrides[i].holds(prompt)) return sent(overrides[i].model, 'override[' + i.toString() + ']')
  }
  const score = scale.of(prompt)
  const reasons = scale.reasons
  let level = levelOf(score)
  let why = reasons
  if (sticky != 'no') {
    const key = conversation(prompt)
    const kept = keptLevel(key)
    if (kept >= 0 && (sticky == 'keep' || kept > level)) {
      level = kept
      why = 'sticky'
    }
    kv.setText(key, models[level], stickyMs)
  }
  return sent(models[level], why).tag('model-router.score', Json.number(score).toString())
}

/** The last level whose score is reached; the first where none is. */
function levelOf(score: f64): i32 {
  let level = 0
  for (let i = 1; i < thresholds.length; i++) if (score >= thresholds[i]) level = i
  return level
}

function isRouted(model: string): bool {
  if (routed.length == 0) return true
  for (let i = 0; i < routed.length; i++) {
    const name = routed[i]
    if (name == model || (name.endsWith('*') && model.startsWith(name.substring(0, name.length - 1)))) return true
  }
  return false
}

/** The same for all prompts of a conversation: they begin with the same words of the same consumer on the same route. */
function conversation(prompt: PromptView): string {
  return hexEncode(sha256(utf8Bytes(prompt.route + '\n' + prompt.consumer + '\n' + firstAsked(prompt))))
}

/** -1: the conversation is new, or its model is none of the levels any more. */
function keptLevel(key: string): i32 {
  const model = kv.getText(key)
  return model === null ? -1 : models.indexOf(model)
}

function sent(model: string, why: string): AiVerdict {
  const verdict = AiVerdict.next().setModel(model).tag('model-router', model)
  return why == '' ? verdict : verdict.tag('model-router.why', why)
}
