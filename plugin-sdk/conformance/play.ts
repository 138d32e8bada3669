import { isDeepStrictEqual } from 'node:util'
import { PluginFault } from '../../core/plugin-host/fault.js'
import type { Case, Step } from './case.js'
import { type Guest, type Running, start } from './guest.js'
import { answerType, decode, encode, inputType, type Json, pruned } from './messages.js'

/**
 * Plays a case on a new instance of the guest.
 * @returns what is not as it should be, one sentence each
 */
export async function playCase(guest: Guest, { settings = {}, steps }: Case): Promise<string[]> {
  const running = await start(guest, settings)
  if (steps[0]?.hook !== 'on_configure') {
    const given = { settings: Buffer.from(JSON.stringify(settings)) }
    const problems = await playStep(running, { hook: 'on_configure', input: toJson(given), expect: {} })
    if (problems.length > 0) return problems
  }
  for (const [index, step] of steps.entries()) {
    const problems = await playStep(running, step)
    if (problems.length > 0) return problems.map(problem => `step ${index + 1}, ${step.hook}: ${problem}`)
    if (step.expect.trap === true) break // the host throws such an instance away
  }
  return []
}

async function playStep(running: Running, { hook, input, expect }: Step): Promise<string[]> {
  const bytes = inputBytes(hook, input)
  running.takeCalls()
  running.takeLog()
  let output: Uint8Array
  try {
    output = await running.call(hook, bytes)
  } catch (thrown) {
    if (expect.trap === true && thrown instanceof PluginFault && thrown.reason === 'trap') return []
    return [`it failed: ${thrown instanceof Error ? thrown.message : thrown}`]
  }
  if (expect.trap === true) return ['it answered; expected a trap']
  const problems: string[] = []
  const { answer, seen, results } = told(decode(answerType(hook), output))
  compare(problems, 'it answered', answer, normal(hook, expect.answer ?? {}))
  if (expect.seen !== undefined) {
    const expected = expect.seen === true ? decode(inputType(hook), bytes) : expect.seen
    compare(problems, 'it saw', pruned(seen), pruned(expected))
  }
  if (expect.results !== undefined) compare(problems, 'host functions answered it', results, expect.results)
  if (expect.calls !== undefined) compare(problems, 'it called the host', running.takeCalls(), expect.calls)
  if (expect.log !== undefined) compare(problems, 'it logged', running.takeLog(), expect.log)
  return problems
}

/** The input's bytes: parts of a message follow each other, as protobuf allows. */
function inputBytes(hook: string, input: Step['input']): Uint8Array {
  const parts = Array.isArray(input) ? input : [input]
  return Buffer.concat(
    parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'hex') : encode(inputType(hook), toJson(part))))
  )
}

/** An expected answer as decoding writes it. */
function normal(hook: string, answer: object): Json {
  return decode(answerType(hook), encode(answerType(hook), toJson(answer)))
}

interface Told {
  readonly answer: Json
  readonly seen: unknown
  readonly results: unknown
}

/** What the guest tells by the tags "seen" and "results", and its answer without them. */
function told(answer: Json): Told {
  const inner: unknown = answer.verdict
  const holder: Json = typeof inner === 'object' && inner !== null ? toJson(inner) : answer
  const tags: unknown = holder.tags
  if (!Array.isArray(tags)) return { answer, seen: undefined, results: undefined }
  const found = new Map<string, unknown>()
  const rest: unknown[] = []
  for (let i = 0; i < tags.length; i += 2) {
    const [name, value] = [String(tags[i]), String(tags[i + 1])]
    if (name === 'seen' || name === 'results') found.set(name, parsed(value))
    else rest.push(tags[i], tags[i + 1])
  }
  const { tags: _, ...others } = holder
  const kept: Json = rest.length > 0 ? { ...others, tags: rest } : others
  const { verdict: __, ...outer } = answer
  const whole = holder === answer ? kept : Object.keys(kept).length > 0 ? { ...outer, verdict: kept } : outer
  return { answer: whole, seen: found.get('seen'), results: found.get('results') }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return `not JSON: ${text}`
  }
}

function compare(problems: string[], what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(plain(actual), plain(expected))) return
  problems.push(`${what} ${JSON.stringify(actual)}; expected ${JSON.stringify(expected)}`)
}

/** Without prototypes and the order of names. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function toJson(value: object): Json {
  return { ...value }
}
