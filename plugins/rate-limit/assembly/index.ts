import { CallerKey, onConfigure, onRequest, readsOnly, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { Limit, Outcome } from './limit'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const limits: Limit[] = []
let shared = false
let whenMissing = ''
let headers = true
let status = 429
let reports = false
/** The value of RateLimit-Policy. */
let policies = ''

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  shared = settings.bool('shared')
  whenMissing = settings.string('whenMissing', 'client-ip')
  headers = settings.bool('headers', true)
  status = settings.int('status', 429)
  reports = settings.string('mode', 'enforce') == 'report'
  const given = settings.objects('limits')
  const read = settings.strings('read')
  let reads: string[] = ['route', 'clientIp', 'nowMs']
  for (let i = 0; i < given.length; i++) {
    const limit = Limit.of(given[i], i)
    if (limit === null) return Limit.mistake
    for (let j = 0; j < i; j++) {
      if (limits[j].name == limit.name) return 'limits[' + i.toString() + '] has the name of limits[' + j.toString() + ']'
    }
    const unnamed = limit.key.unnamedHeader(read)
    if (unnamed != '') return 'limits[' + i.toString() + '].key uses the header ' + unnamed + ': name it in read'
    limits.push(limit)
    reads = reads.concat(limit.key.inputFields())
    policies += (i == 0 ? '' : ', ') + limit.policy
  }
  readsOnly(reads)
  return ''
}

function check(request: RequestView): Verdict {
  const scope = shared ? '' : request.route
  const outcomes: Outcome[] = []
  for (let i = 0; i < limits.length; i++) {
    const limit = unchecked(limits[i])
    let caller = limit.key.of(request)
    if (caller.length == 0) {
      if (whenMissing == 'pass') continue
      if (whenMissing == 'refuse' && !reports) return lacking(limit, outcomes)
      caller = CallerKey.address(request)
    }
    const outcome = limit.count(caller, scope, request.nowMs)
    if (!outcome.allowed) return tooMany(outcome, outcomes)
    outcomes.push(outcome)
  }
  return tell(Verdict.next(), outcomes)
}

/** A refused request counts nowhere: what earlier limits counted is given back. */
function tooMany(outcome: Outcome, before: Outcome[]): Verdict {
  const limit = outcome.limit
  if (reports) return tell(Verdict.next().tag('rate-limit', limit.name), before)
  for (let i = 0; i < before.length; i++) before[i].limit.giveBack(before[i])
  const wait = max<i64>(1, outcome.retrySeconds)
  const verdict = Verdict.deny(status, 'Too many requests for the limit ' + limit.name + '. Try again in ' + wait.toString() + ' s.')
    .withHeader('retry-after', wait.toString())
    .tag('rate-limit', limit.name)
  if (!headers) return verdict
  return verdict.withHeader('ratelimit-policy', policies).withHeader('ratelimit', left(outcome))
}

function lacking(limit: Limit, before: Outcome[]): Verdict {
  for (let i = 0; i < before.length; i++) before[i].limit.giveBack(before[i])
  return Verdict.deny(400, 'The request lacks what the limit ' + limit.name + ' counts by.').tag('rate-limit', 'missing')
}

/** Tells of the limit that will be reached first. */
function tell(verdict: Verdict, outcomes: Outcome[]): Verdict {
  if (!headers || outcomes.length == 0) return verdict
  let least = outcomes[0]
  for (let i = 1; i < outcomes.length; i++) if (outcomes[i].remaining < least.remaining) least = outcomes[i]
  return verdict.setResponseHeader('ratelimit-policy', policies).setResponseHeader('ratelimit', left(least))
}

function left(outcome: Outcome): string {
  return '"' + outcome.limit.name + '";r=' + outcome.remaining.toString() + ';t=' + outcome.resetSeconds.toString()
}
