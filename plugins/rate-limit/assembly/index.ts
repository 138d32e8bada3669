import {
  ByteWriter,
  HeaderEdit,
  onConfigure,
  onRequest,
  readsOnly,
  RequestView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Limit } from './limit'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const limits: Limit[] = []
let shared = false
let whenMissing = ''
let headers = true
let status = 429
let reports = false
/** The value of RateLimit-Policy. */
let policies = ''
/** The limits that have counted the request at hand. */
const passed: Limit[] = []
/** In report mode, what would have refused it: the names, with a comma between; "" when nothing would. */
let reported = ''
/** The first limit of those; null when there is none. */
let exceeded: Limit | null = null
/** Given to every request that is let through and told so: only the second value differs. */
const policyEdit = HeaderEdit.set('ratelimit-policy')
const leftEdit = HeaderEdit.set('ratelimit')
const told = Verdict.next().setEdits(null, [policyEdit, leftEdit])
/** The value of RateLimit. */
const line = new ByteWriter()

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
  policyEdit.value = policies
  leftEdit.source = line
  return ''
}

function check(request: RequestView): Verdict {
  passed.length = 0
  reported = ''
  exceeded = null
  for (let i = 0; i < limits.length; i++) {
    const limit = unchecked(limits[i])
    if (!limit.take(request, shared)) {
      if (whenMissing == 'pass') continue
      if (whenMissing == 'refuse') {
        if (!reports) return lacking(limit)
        report('missing')
        continue
      }
      limit.takeAddress(request, shared)
    }
    if (limit.count(request.nowMs)) passed.push(limit)
    else if (!reports) return tooMany(limit)
    else {
      report(limit.name)
      if (exceeded === null) exceeded = limit
    }
  }
  if (reported != '') return tell(Verdict.next().tag('rate-limit', reported))
  if (!headers || passed.length == 0) return Verdict.next()
  writeLeft(scarcest())
  return told
}

/** Notes what would have refused the request; the limits behind it are looked at, too. */
function report(what: string): void {
  reported += (reported == '' ? '' : ',') + what
}

/** A refused request counts nowhere: what earlier limits counted is given back. */
function tooMany(limit: Limit): Verdict {
  giveBack()
  const wait = max<i64>(1, limit.retrySeconds)
  const verdict = Verdict.deny(status, 'Too many requests for the limit ' + limit.name + '. Try again in ' + wait.toString() + ' s.')
    .withHeader('retry-after', wait.toString())
    .tag('rate-limit', limit.name)
  if (!headers) return verdict
  return verdict.withHeader('ratelimit-policy', policies).withHeader('ratelimit', left(limit))
}

function lacking(limit: Limit): Verdict {
  giveBack()
  return Verdict.deny(400, 'The request lacks what the limit ' + limit.name + ' counts by.').tag('rate-limit', 'missing')
}

function giveBack(): void {
  for (let i = 0; i < passed.length; i++) passed[i].giveBack()
}

/** Tells what the answer would have told: of the limit that would have refused, else of the one that will be reached first. */
function tell(verdict: Verdict): Verdict {
  const limit = exceeded
  if (!headers || (limit === null && passed.length == 0)) return verdict
  return verdict
    .setResponseHeader('ratelimit-policy', policies)
    .setResponseHeader('ratelimit', left(limit === null ? scarcest() : limit))
}

function scarcest(): Limit {
  let least = passed[0]
  for (let i = 1; i < passed.length; i++) if (passed[i].remaining < least.remaining) least = passed[i]
  return least
}

function left(limit: Limit): string {
  writeLeft(limit)
  return line.toText()
}

function writeLeft(limit: Limit): void {
  line.clear()
  line.byte(0x22)
  line.text(limit.name)
  line.text('";r=')
  line.decimal(limit.remaining)
  line.text(';t=')
  line.decimal(limit.resetSeconds)
}
