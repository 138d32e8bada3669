import { Buffer } from 'node:buffer'
import { Verdict } from '../../../plugin-host/abi.js'
import type { RecordedCall } from '../../../plugin-host/record/format.js'
import type { Replayed } from '../../../plugin-host/record/replay.js'

/** How a replay differs from what was recorded, a sentence each; none when it is the same, byte for byte. */
export function differences(call: RecordedCall, now: Replayed): string[] {
  return [
    ...differs('fault', call.fault, now.fault),
    ...verdictDifferences(bytesOf(call.output), now.output),
    ...logDifferences(call.log, now.log),
    ...now.host.map(each => `host call: ${each}`)
  ]
}

function bytesOf(base64: string | undefined): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}

function verdictDifferences(recorded: Buffer | undefined, now: Uint8Array | undefined): string[] {
  if (recorded === undefined || now === undefined) {
    return recorded === now ? [] : differs('verdict', inWords(recorded), inWords(now))
  }
  if (recorded.equals(now)) return []
  const [before, after] = [fieldsOf(recorded), fieldsOf(now)]
  const paths = new Set([...before.keys(), ...after.keys()])
  const changes = [...paths].flatMap(path => differs(`verdict.${path}`, before.get(path), after.get(path)))
  return changes.length > 0
    ? changes
    : [`verdict: the same fields, written as other bytes (${recorded.length}, now ${now.length})`]
}

function inWords(output: Uint8Array | undefined): string | undefined {
  if (output === undefined) return undefined
  return output.length === 0 ? 'nothing to say' : [...fieldsOf(output)].map(pair => pair.join(': ')).join(', ')
}

function logDifferences(recorded: readonly string[], now: readonly string[]): string[] {
  return Array.from({ length: Math.max(recorded.length, now.length) }).flatMap((_, index) =>
    differs(`log line ${index + 1}`, recorded[index]?.slice(1), now[index]?.slice(1))
  )
}

function differs(what: string, before: string | undefined, now: string | undefined): string[] {
  return before === now ? [] : [`${what}: recorded ${before ?? 'none'}, now ${now ?? 'none'}`]
}

/** Every value of a verdict, by its path; those that say nothing are left out. */
function fieldsOf(output: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>()
  try {
    collect(Verdict.decode(Uint8Array.from(output)), '', fields)
  } catch (thrown) {
    fields.set('bytes', `${Buffer.from(output).toString('base64')} (not a verdict: ${thrown})`)
  }
  return fields
}

function collect(value: unknown, path: string, into: Map<string, string>): void {
  if (value === null || value === undefined || value === '' || typeof value === 'function') return
  if (value instanceof Uint8Array) {
    into.set(path, shown(value))
  } else if (Array.isArray(value)) {
    value.forEach((each, index) => {
      collect(each, `${path}[${index}]`, into)
    })
  } else if (typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) collect(each, path === '' ? key : `${path}.${key}`, into)
  } else {
    into.set(path, JSON.stringify(value))
  }
}

/** As text where it is text. */
function shown(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  const text = buffer.toString('utf8')
  return Buffer.from(text).equals(buffer) ? JSON.stringify(text) : `${buffer.toString('base64')} (base64)`
}
