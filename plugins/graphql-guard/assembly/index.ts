import { JsonTree, onConfigure, onRequestBody, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { callRefusal, callsOf } from './call'
import { OPERATION_TYPES } from './document'
import { Limits, numberText } from './limits'
import { badRequest } from './refusal'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const MAX_TAG: i32 = 128

const limits = new Limits()
let asProblem = false
let passesOthers = false
let maxBatch = 1

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, guard)
}

function configure(settings: Settings): string {
  asProblem = settings.string('errors', 'graphql') == 'problem'
  passesOthers = settings.string('otherTypes', 'reject') == 'pass'
  maxBatch = settings.int('maxBatch', 1)
  return limits.fill(settings)
}

function guard(request: RequestView): Verdict {
  const calls = callsOf(request, passesOthers, maxBatch)
  const unreadable = callRefusal
  if (unreadable !== null) return unreadable.verdict(request, asProblem)
  limits.begin()
  const inUrl = request.method == 'GET' || request.method == 'HEAD'
  for (let i = 0; i < calls.length; i++) {
    const refusal = limits.check(calls[i], inUrl)
    if (refusal !== null) return refusal.verdict(request, asProblem)
  }
  // What was not looked at may hold what was not counted.
  if (JsonTree.isTooLarge) return badRequest('The body has too many values.').verdict(request, asProblem)
  return described()
}

/** What was asked for, in the log and for policies after this one. */
function described(): Verdict {
  const verdict = Verdict.next()
  const operation = limits.operation
  if (operation === null) return verdict
  const name = operation.name
  if (name != '') verdict.tag('graphql.operation', name.length > MAX_TAG ? name.substring(0, MAX_TAG) : name)
  return verdict
    .tag('graphql.type', OPERATION_TYPES[operation.type])
    .tag('graphql.depth', numberText(limits.measured.depth))
    .tag('graphql.cost', numberText(limits.measured.cost))
}
