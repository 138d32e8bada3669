import {
  CallerKey,
  lowerAscii,
  onConfigure,
  onRequest,
  readsOnly,
  RequestView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { offsetOf } from './calendar'
import { Outcome, Quota } from './quota'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const MAX_COST: i64 = 1_000_000_000

const quotas: Quota[] = []
let offsetMs: i64 = 0
let fixedCost: i64 = 1
let costHeader = ''
let shared = false
let whenMissing = ''
let headers = true
let status = 429
let reports = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  offsetMs = offsetOf(settings.string('timeZone', 'Z'))
  fixedCost = <i64>settings.int('cost', 1)
  costHeader = lowerAscii(settings.string('costHeader'))
  shared = settings.bool('shared')
  whenMissing = settings.string('whenMissing', 'client-ip')
  headers = settings.bool('headers', true)
  status = settings.int('status', 429)
  reports = settings.string('mode', 'enforce') == 'report'
  const given = settings.objects('quotas')
  const read = settings.strings('read')
  let reads: string[] = ['route', 'consumer', 'clientIp', 'nowMs']
  for (let i = 0; i < given.length; i++) {
    const quota = Quota.of(given[i], i)
    if (quota === null) return Quota.mistake
    const where = 'quotas[' + i.toString() + ']'
    for (let j = 0; j < i; j++) {
      if (quotas[j].name == quota.name) return where + ' has the name of quotas[' + j.toString() + ']'
    }
    const unnamed = quota.key.unnamedHeader(read)
    if (unnamed != '') return where + '.key uses the header ' + unnamed + ': name it in read'
    quotas.push(quota)
    reads = reads.concat(quota.key.inputFields())
  }
  readsOnly(reads)
  return ''
}

function check(request: RequestView): Verdict {
  const cost = costOf(request)
  const scope = shared ? '' : request.route
  const outcomes: Outcome[] = []
  let reported = ''
  for (let i = 0; i < quotas.length; i++) {
    const quota = unchecked(quotas[i])
    let caller = quota.key.of(request)
    if (caller.length == 0) {
      if (whenMissing == 'pass') continue
      if (whenMissing == 'refuse') {
        if (!reports) return lacking(quota, outcomes)
        reported = listed(reported, 'missing')
        continue
      }
      caller = CallerKey.address(request)
    }
    const outcome = quota.count(caller, scope, request.consumer, cost, request.nowMs, offsetMs)
    if (!outcome.allowed) {
      if (!reports) return tooMany(outcome, outcomes, policiesBehind(i, request))
      reported = listed(reported, quota.name)
    }
    outcomes.push(outcome)
  }
  const verdict = Verdict.next()
  return tell(reported == '' ? verdict : verdict.tag('quota', reported), outcomes)
}

/** What would have refused the request in report mode; the quotas behind it are looked at, too. */
function listed(before: string, name: string): string {
  return before == '' ? name : before + ',' + name
}

/** What the request counts: the header says it, when there is one and it is a whole number. */
function costOf(request: RequestView): i64 {
  if (costHeader == '') return fixedCost
  const text = request.header(costHeader)
  if (text.length == 0) return fixedCost
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i)
    if (digit < 0x30 || digit > 0x39) return fixedCost
  }
  // More digits than that are more than any quota.
  return text.length > 10 ? MAX_COST : min(I64.parseInt(text), MAX_COST)
}

/** A refused request counts nowhere: what earlier quotas counted is given back. */
function tooMany(outcome: Outcome, before: Outcome[], behind: string): Verdict {
  for (let i = 0; i < before.length; i++) before[i].giveBack()
  const verdict = refusal(outcome).tag('quota', outcome.quota.name)
  if (!headers) return verdict
  let policies = ''
  for (let i = 0; i < before.length; i++) policies += before[i].policy + ', '
  return verdict.withHeader('ratelimit-policy', policies + outcome.policy + behind).withHeader('ratelimit', left(outcome))
}

/** No wait helps a request that costs more than the quota ever has. */
function refusal(outcome: Outcome): Verdict {
  const name = outcome.quota.name
  if (outcome.neverFits) return Verdict.deny(status, 'The request costs more than the quota ' + name + ' ever has.')
  const wait = outcome.resetSeconds.toString()
  const detail = 'The quota ' + name + ' is used up. It begins anew in ' + wait + ' s.'
  return Verdict.deny(status, detail).withHeader('retry-after', wait)
}

/** What RateLimit-Policy says of the quotas behind one that refuses. */
function policiesBehind(index: i32, request: RequestView): string {
  let policies = ''
  for (let i = index + 1; i < quotas.length; i++) {
    const quota = unchecked(quotas[i])
    if (whenMissing == 'pass' && quota.key.of(request).length == 0) continue
    policies += ', ' + quota.policyFor(request.consumer, request.nowMs, offsetMs)
  }
  return policies
}

function lacking(quota: Quota, before: Outcome[]): Verdict {
  for (let i = 0; i < before.length; i++) before[i].giveBack()
  return Verdict.deny(400, 'The request lacks what the quota ' + quota.name + ' counts by.').tag('quota', 'missing')
}

/** Tells of the first quota that would have refused, else of the one that will be used up first. */
function tell(verdict: Verdict, outcomes: Outcome[]): Verdict {
  if (!headers || outcomes.length == 0) return verdict
  let least = outcomes[0]
  let policies = least.policy
  for (let i = 1; i < outcomes.length; i++) {
    const outcome = outcomes[i]
    policies += ', ' + outcome.policy
    if (least.allowed && (!outcome.allowed || outcome.remaining < least.remaining)) least = outcome
  }
  return verdict.setResponseHeader('ratelimit-policy', policies).setResponseHeader('ratelimit', left(least))
}

function left(outcome: Outcome): string {
  return '"' + outcome.quota.name + '";r=' + outcome.remaining.toString() + ';t=' + outcome.resetSeconds.toString()
}
