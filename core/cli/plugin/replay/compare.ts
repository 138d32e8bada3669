import { Buffer } from 'node:buffer'
import type { PhaseHook } from '../../../base/hooks.js'
import { pluginLine } from '../../../observe/exchange-log.js'
import { decodedOutput } from '../../../plugin-host/json-messages.js'
import type { RecordedCall } from '../../../plugin-host/record/format.js'
import type { Replayed } from '../../../plugin-host/record/replay.js'
import { inOutput, type Secrets } from '../../../plugin-host/record/secrets.js'

/** A value: as it is compared, and as it is printed. */
interface Field {
  readonly value: string
  readonly shown: string
}

/**
 * How a replay differs from what was recorded, a sentence each; none when it is the same, byte for byte.
 * @param known - what none of them shows
 */
export function differences(call: RecordedCall, now: Replayed, known: Secrets): string[] {
  const secrets = known.and(inOutput(call, now.output))
  const text = (value: string | undefined): Field | undefined =>
    value === undefined ? undefined : { value, shown: secrets.hide(value) }
  const lines = Array.from({ length: Math.max(call.log.length, now.log.length) }).flatMap((_, index) =>
    differs(`log line ${index + 1}`, line(call.log[index], secrets), line(now.log[index], secrets))
  )
  return [
    ...differs('fault', text(call.fault), text(now.fault)),
    ...verdictDifferences(call, now.output, secrets),
    ...lines,
    ...now.host.map(each => `host call: ${each}`)
  ]
}

function line(value: string | undefined, secrets: Secrets): Field | undefined {
  if (value === undefined) return undefined
  const { level, fields, text } = pluginLine(Buffer.from(value))
  const more = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  return { value, shown: secrets.hide(`${level} ${text}${more}`) }
}

function verdictDifferences({ output, phase }: RecordedCall, now: Uint8Array | undefined, secrets: Secrets): string[] {
  const recorded = output === undefined ? undefined : Buffer.from(output, 'base64')
  const fields = (bytes: Uint8Array): Map<string, Field> => fieldsOf(bytes, phase, secrets)
  if (recorded === undefined || now === undefined) {
    return differs('verdict', recorded && inWords(recorded, fields), now && inWords(now, fields))
  }
  if (recorded.equals(now)) return []
  const [before, after] = [fields(recorded), fields(now)]
  const paths = new Set([...before.keys(), ...after.keys()])
  const changes = [...paths].flatMap(path => differs(`verdict.${path}`, before.get(path), after.get(path)))
  return changes.length > 0
    ? changes
    : [`verdict: the same fields, written as other bytes (${recorded.length}, now ${now.length})`]
}

function inWords(output: Uint8Array, fields: (bytes: Uint8Array) => Map<string, Field>): Field {
  const said = [...fields(output)].map(([path, { shown }]) => `${path}: ${shown}`)
  const shown = output.length === 0 ? 'nothing to say' : said.join(', ')
  return { value: shown, shown }
}

function differs(what: string, before: Field | undefined, now: Field | undefined): string[] {
  return before?.value === now?.value
    ? []
    : [`${what}: recorded ${before?.shown ?? 'none'}, now ${now?.shown ?? 'none'}`]
}

/** Every value of a verdict, by its path; those that say nothing are left out. */
function fieldsOf(output: Uint8Array, phase: PhaseHook, secrets: Secrets): Map<string, Field> {
  const fields = new Map<string, Field>()
  try {
    collect(decodedOutput(phase, Uint8Array.from(output)), '', fields, secrets)
  } catch (thrown) {
    const value = Buffer.from(output).toString('base64')
    fields.set('bytes', { value, shown: `${secrets.show(output)} (not a verdict: ${thrown})` })
  }
  return fields
}

function collect(value: unknown, path: string, into: Map<string, Field>, secrets: Secrets): void {
  if (value === null || value === undefined || value === '' || typeof value === 'function') return
  if (value instanceof Uint8Array) {
    into.set(path, { value: Buffer.from(value).toString('base64'), shown: secrets.show(value) })
  } else if (Array.isArray(value)) {
    value.forEach((each, index) => {
      collect(each, `${path}[${index}]`, into, secrets)
    })
  } else if (typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) collect(each, path === '' ? key : `${path}.${key}`, into, secrets)
  } else {
    const shown = typeof value === 'string' ? secrets.hide(value) : value
    into.set(path, { value: JSON.stringify(value), shown: JSON.stringify(shown) })
  }
}
