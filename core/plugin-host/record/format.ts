import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { HOOKS, PHASE_HOOKS } from '../../base/hooks.js'
import { Limits, Permissions } from '../../base/manifest.js'
import { schemaProblems } from '../schema-problems.js'

/**
 * A recorded exchange, as it lies in a file: JSON, with bytes as base64. Whoever reads it may be a later version: unknown
 * keys are let be, and another `version` is refused.
 */

export const RECORDING_FORMAT = 'sluice-recording'
export const RECORDING_VERSION = 1

/** A host call: by what it is known again, and what was answered. Numbers that JSON has no word for are text. */
const HostCall = Type.Object({
  name: Type.String(),
  reads: Type.Optional(Type.Array(Type.String())),
  numbers: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.String()]))),
  result: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  out: Type.Optional(Type.String()),
  fault: Type.Optional(Type.String())
})
export type HostCall = Static<typeof HostCall>

export const RecordedCall = Type.Object({
  binding: Type.Integer({ minimum: 0 }),
  hook: Type.Enum([...HOOKS]),
  /** Where on_effect belongs to; else the hook itself. */
  phase: Type.Enum([...PHASE_HOOKS]),
  /** The whole message, body included. Left out when it was too large, as `missing` says. */
  input: Type.Optional(Type.String()),
  /** How much of its end is the body, which host functions read apart. Left out: there is none. */
  bodyBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Left out when there was none: the plugin failed before. */
  output: Type.Optional(Type.String()),
  /** "reason message". */
  fault: Type.Optional(Type.String()),
  /** As entries of the arena have them: a level digit, fields when there are any, the text. */
  log: Type.Array(Type.String()),
  /** Host calls of the hook, in order. Left out when they were lost with their thread. */
  host: Type.Optional(Type.Array(HostCall)),
  /** Host calls of the on_configure of the instance. */
  configure: Type.Array(HostCall),
  /** Calls the instance had served before, at most: what it kept of them is not in a recording. */
  served: Type.Integer({ minimum: 0 }),
  /** What is not in the recording, and why. */
  missing: Type.Optional(Type.String())
})
export type RecordedCall = Static<typeof RecordedCall>

const RecordedBinding = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  where: Type.String(),
  plugin: Type.String(),
  version: Type.String(),
  /** Of the WASM file, hexadecimal. */
  sha256: Type.String(),
  /** JSON, as on_configure got it. */
  settings: Type.String(),
  /** What the manifest asked for, and what of it was granted. */
  asked: Permissions,
  granted: Type.Union([Type.Literal('asked'), Permissions]),
  /** JSON pointers to what of the settings is secret: a replay does not print it. */
  secrets: Type.Optional(Type.Array(Type.String())),
  limits: Type.Required(Limits)
})
export type RecordedBinding = Static<typeof RecordedBinding>

const Recording = Type.Object({
  format: Type.Literal(RECORDING_FORMAT),
  version: Type.Literal(RECORDING_VERSION),
  /** What ran it. */
  node: Type.String(),
  reason: Type.Enum(['sampled', 'flagged', 'fault']),
  exchange: Type.Object({
    id: Type.String(),
    time: Type.String(),
    route: Type.String(),
    method: Type.String(),
    path: Type.String(),
    status: Type.Integer()
  }),
  bindings: Type.Array(RecordedBinding),
  calls: Type.Array(RecordedCall),
  /** Calls that are not in it, because it had become too large. */
  leftOut: Type.Integer({ minimum: 0 })
})
export type Recording = Static<typeof Recording>

/** Reads the text of a recording. @throws Error that says what it is instead */
export function readRecording(text: string): Recording {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw new Error(`not the whole of a recording: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== RECORDING_FORMAT) {
    throw new Error(`not a recording; expected JSON with "format": "${RECORDING_FORMAT}"`)
  }
  if ('version' in value && value.version !== RECORDING_VERSION) {
    throw new Error(`a recording of format ${value.version}; this Sluice reads format ${RECORDING_VERSION}`)
  }
  if (Value.Check(Recording, value)) return value
  const problems = schemaProblems(Recording, value)
  throw new Error(`not a recording that can be read: ${problems.slice(0, 3).join('; ')}`)
}
