import { onConfigure, onRequest, onRequestBody, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { beginBody, isMalformed } from './body'
import { Rule, ruleMistake } from './rule'
import { beginSources } from './source'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const rules: Rule[] = []

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

/** For settings in which no rule looks at the body: see "when" in plugin.json. */
export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, choose)
}

/** For the others. */
export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, choose)
}

function configure(settings: Settings): string {
  const list = settings.objects('rules')
  for (let i = 0; i < list.length; i++) {
    if (rules.length > 0 && rules[i - 1].isCatchAll) {
      return 'rules[' + i.toString() + '] is never reached: the rule before it has no conditions'
    }
    const rule = Rule.of(list[i], i)
    if (rule === null) return ruleMistake
    rules.push(rule)
  }
  return ''
}

function choose(request: RequestView): Verdict {
  beginBody()
  beginSources()
  for (let i = 0; i < rules.length; i++) {
    if (unchecked(rules[i]).matches(request)) return rules[i].verdict()
  }
  // The route's own upstream stays.
  return isMalformed ? Verdict.next().tag('match.body', 'malformed') : Verdict.next()
}
