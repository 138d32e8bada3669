import { type Hook, INPUT_FIELDS, type InputField, type PhaseHook } from '../base/hooks.js'
import type { Failure, Isolation, Manifest, Permissions, ResolvedLimits } from '../base/manifest.js'
import type { PluginMetric } from '../base/plugin-metric-schema.js'
import type { Script } from './clock.js'
import type { BodyGrant, Grants } from './permissions.js'

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
  /** How its messages are written; "json" for plain Extism plugins alone. */
  readonly messages: 'protobuf' | 'json'
  readonly hooks: readonly Hook[]
  /** JSON, as on_configure gets it. */
  readonly settings: string
  /** What its inputs hold besides headers and bodies. */
  readonly input: readonly InputField[]
  readonly grants: Grants
  readonly limits: ResolvedLimits
  /** What the plugin counts for itself; left out: nothing. */
  readonly metrics?: readonly PluginMetric[] | undefined
  readonly failure: Failure
  readonly isolation: Isolation
  readonly tickMs: number
  /** Set by cases only. */
  readonly script?: Script
  /** What a recording says of it; left out where there are none. */
  readonly origin?: Origin
}

/** Which plugin a binding runs, and what its grants were made from. */
export interface Origin {
  readonly version: string
  /** Of the WASM file, hexadecimal. */
  readonly sha256: string
  readonly asked: Permissions
  readonly granted: Permissions | 'asked'
  /** JSON pointers to what of the settings is secret. */
  readonly secrets: readonly string[]
}

/** What a binding has from its plugin's manifest alone. */
export function fromManifest({
  input = [...INPUT_FIELDS],
  messages = 'protobuf',
  isolation = 'pooled',
  tickMs = 10_000
}: Pick<Manifest, 'input' | 'messages' | 'isolation' | 'tickMs'>): Pick<
  Binding,
  'input' | 'messages' | 'isolation' | 'tickMs'
> {
  return { input, messages, isolation, tickMs }
}

/** What a binding may do with the body in this hook. */
export function bodyGrant(grants: Grants, hook: PhaseHook): BodyGrant {
  if (hook === 'on_request_body') return grants.requestBody
  return hook === 'on_response_body' ? grants.responseBody : 'none'
}
