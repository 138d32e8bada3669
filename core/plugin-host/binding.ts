import type { Failure, Hook, ResolvedLimits } from '../base/manifest.js'
import type { BodyGrant, Grants } from './permissions.js'

/** The hooks that belong to a phase of an exchange, in the order of its life. */
export const PHASE_HOOKS = [
  'on_request',
  'on_request_body',
  'on_response',
  'on_response_body'
] as const satisfies readonly Hook[]
export type PhaseHook = (typeof PHASE_HOOKS)[number]

/** A plugin bound to a route with its settings: all a worker thread needs to run it. Sent to threads by structured clone. */
export interface Binding {
  /** Place in the snapshot's list of bindings. */
  readonly index: number
  /** Where it stands in the configuration, e.g. "routes[0].policies[1]". */
  readonly where: string
  readonly plugin: string
  /** What its counters and buckets belong to: bindings of the same one share them. */
  readonly namespace: string
  /** Place of its compiled module in the snapshot's list of modules. */
  readonly module: number
  readonly abi: 'direct' | 'extism'
  readonly hooks: readonly Hook[]
  /** JSON, as on_configure gets it. */
  readonly settings: string
  readonly grants: Grants
  readonly limits: ResolvedLimits
  readonly failure: Failure
}

/** What a binding may do with the body in this hook. */
export function bodyGrant(grants: Grants, hook: PhaseHook): BodyGrant {
  if (hook === 'on_request_body') return grants.requestBody
  return hook === 'on_response_body' ? grants.responseBody : 'none'
}
