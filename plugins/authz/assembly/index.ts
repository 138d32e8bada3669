import { onConfigure, onRequest, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { setUtcOffset } from './clock'
import { allowing, Refusals } from './decision'
import { Rule } from './rule'
import { beginSubject } from './subject'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const rules: Rule[] = []
let otherwise = Verdict.next()

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  setUtcOffset(settings.string('utcOffset', '+00:00'))
  const refusals = new Refusals(settings.string('action', 'block') == 'tag', settings.int('status', 403))
  otherwise = settings.string('default', 'deny') == 'allow' ? allowing('default') : refusals.make('default', '')
  const list = settings.objects('rules')
  for (let i = 0; i < list.length; i++) {
    const where = 'rules[' + i.toString() + ']'
    if (i > 0 && rules[i - 1].isForAll) {
      return where + ' is never reached: rules[' + (i - 1).toString() + '] is for every request'
    }
    const rule = new Rule()
    const wrong = rule.fill(list[i], where, refusals)
    if (wrong != '') return wrong
    rules.push(rule)
  }
  return ''
}

/** The first rule that is for the request decides. */
function check(request: RequestView): Verdict {
  beginSubject(request)
  for (let i = 0; i < rules.length; i++) {
    const rule = unchecked(rules[i])
    if (rule.isFor()) return rule.decision
  }
  return otherwise
}
