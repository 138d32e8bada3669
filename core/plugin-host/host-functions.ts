import { Buffer } from 'node:buffer'
import { hash, type KeyObject } from 'node:crypto'
import { RE2JS } from 're2js'
import type { Clock } from './clock.js'
import { PluginFault } from './fault.js'
import { base64Functions } from './functions/base64.js'
import { deriveFunctions } from './functions/derive.js'
import { type JsonGuest, jsonFunctions } from './functions/json.js'
import { type KvGuest, kvFunctions } from './functions/kv.js'
import { type LogFields, readLogFields } from './functions/log-fields.js'
import { type SchemaChecker, schemaFunctions } from './functions/schema.js'
import { type TokenGuest, tokenFunctions } from './functions/tokens.js'
import { wordFunctions } from './functions/words.js'
import { copyAt, memoryAt, memoryWith, type Run } from './guest-bytes.js'
import type { GuestMemory } from './guest-memory.js'
import { hmac, importKey, verifySignature } from './keys.js'
import { linearPattern } from './linear-pattern.js'
import type { MetricFunctions } from './metric-functions.js'
import { type TapedGuest, taped } from './record/taped.js'
import { writeGroups } from './regex-places.js'
import { MAX_KEY_BYTES, type SharedTable } from './shared-table.js'

/** What a plugin's host functions share: its memory, its budget, and where its log lines go. */
export interface GuestContext extends KvGuest, JsonGuest, TokenGuest, TapedGuest {
  memory: GuestMemory | undefined
  /** Host calls left in this hook call. */
  callsLeft: number
  /** Log lines left in this hook call. */
  linesLeft: number
  /** Bytes of log text left in this hook call. */
  logBytesLeft: number
  readonly mayLog: boolean
  readonly mayCount: boolean
  readonly shared: SharedTable
  readonly clock: Clock
  readonly log: Log
  /** A log line was left out. */
  readonly onDropped: () => void
  readonly metrics: MetricFunctions
}

/** Where a plugin's log lines go. */
export type Log = (level: number, message: string, fields?: LogFields) => void

const MAX_LOG_BYTES = 2_048
const MAX_PATTERN_BYTES = 4_096
const MAX_PATTERNS = 256
/** Of a match that are told. */
const MAX_GROUPS = 1_024
const MAX_KEYS = 256
const MAX_KEY_TEXT_BYTES = 65_536
/** Of all patterns of an instance, in RE2's instructions, about 100 bytes each: repeats make a short pattern large. */
const MAX_PATTERN_STEPS = 200_000

type HostFunction = (call: unknown, ...args: number[]) => number | undefined

/**
 * The functions of module "sluice" for one instance (their table is imports.ts). Every pointer comes from the guest:
 * each is checked against the memory as it is now, and bytes are copied before they are used. Throwing a PluginFault
 * ends the guest's call.
 */
export function hostFunctions(guest: GuestContext, checker: SchemaChecker | undefined): Record<string, HostFunction> {
  const patterns: RE2JS[] = []
  const keys: KeyObject[] = []
  let patternSteps = 0

  const counted = (run: Run): HostFunction => {
    return (_call, ...args) => {
      if (guest.callsLeft-- <= 0) throw overBudget()
      return run(...args)
    }
  }

  const allCounted = (functions: Record<string, Run>): Record<string, HostFunction> =>
    Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, counted(run)]))

  const functions: Record<string, HostFunction> = {
    log: counted((level = 1, ptr = 0, length = 0) => {
      const size = length >>> 0
      writeLog(guest, level, memoryAt(guest, ptr, size).toString('utf8', 0, Math.min(size, MAX_LOG_BYTES)))
      return undefined
    }),
    log_fields: counted((level = 1, ptr = 0, length = 0, fields = 0, fieldsLength = 0) => {
      const size = length >>> 0
      const json = memoryAt(guest, fields, fieldsLength)
      const text = memoryAt(guest, ptr, size).toString('utf8', 0, Math.min(size, MAX_LOG_BYTES))
      writeLog(guest, level, text, readLogFields(json))
      return undefined
    }),
    now: counted(() => guest.clock.now()),
    monotonic: counted(() => guest.clock.monotonic()),
    random: counted((ptr = 0, length = 0) => {
      guest.clock.fillRandom(memoryAt(guest, ptr, length >>> 0))
      return undefined
    }),
    sha256: counted((ptr = 0, length = 0, out = 0) => {
      const digest = hash('sha256', memoryAt(guest, ptr, length >>> 0), 'buffer')
      digest.copy(memoryAt(guest, out, 32))
      return undefined
    }),
    hmac: counted((bits = 0, keyPtr = 0, keyLength = 0, ptr = 0, length = 0, out = 0) => {
      const digest = hmac(bits, memoryAt(guest, keyPtr, keyLength >>> 0), memoryAt(guest, ptr, length >>> 0))
      if (digest === undefined) return -1
      return digest.copy(memoryAt(guest, out, digest.length))
    }),
    key_import: counted((ptr = 0, length = 0) => {
      const text = memoryAt(guest, ptr, length >>> 0)
      if (text.length > MAX_KEY_TEXT_BYTES || keys.length >= MAX_KEYS) return -1
      const key = importKey(text.toString('utf8'))
      return key === undefined ? -1 : keys.push(key)
    }),
    verify: counted((handle = 0, algorithm = 0, ptr = 0, length = 0, signature = 0, signatureLength = 0) => {
      const key = keys[handle - 1]
      if (key === undefined) return -1
      const bytes = memoryAt(guest, ptr, length >>> 0)
      const valid = verifySignature(algorithm, key, bytes, memoryAt(guest, signature, signatureLength >>> 0))
      return valid === undefined ? -1 : Number(valid)
    }),
    bucket_take: counted((ptr = 0, length = 0, perSecond = 0, burst = 0, cost = 0, out = 0) => {
      const key = sharedKey(guest, ptr, length)
      const to = out >>> 0
      const answer = memoryWith(guest, to, 24)
      if (!(perSecond > 0 && burst > 0 && cost >= -burst) || perSecond > 1e9 || burst / perSecond > MAX_SECONDS)
        return -1
      const taken = guest.shared.take(key, perSecond, burst, Math.min(cost, burst * 2)) // more than there will ever be is as good as double
      answer.setDouble(to, taken.remaining)
      answer.setDouble(to + 8, taken.retryMs)
      answer.setDouble(to + 16, taken.fullMs)
      return Number(taken.allowed)
    }),
    counter_add: counted((ptr = 0, length = 0, delta = 0, limit = 0, expiresAt = 0) => {
      const key = sharedKey(guest, ptr, length)
      const numbers = Number.isFinite(delta) && !Number.isNaN(expiresAt)
      return numbers ? (guest.shared.add(key, Math.trunc(delta), limit, expiresAt) ?? -1) : -1
    }),
    metric_add: counted((metric = 0, a = 0, b = 0, c = 0, value = 0) => guest.metrics.add(metric, a, b, c, value)),
    metric_set: counted((metric = 0, a = 0, b = 0, c = 0, value = 0) => guest.metrics.set(metric, a, b, c, value)),
    metric_observe: counted((metric = 0, a = 0, b = 0, c = 0, value = 0) =>
      guest.metrics.observe(metric, a, b, c, value)
    ),
    counter_get: counted((ptr = 0, length = 0) => guest.shared.count(sharedKey(guest, ptr, length))),
    regex_compile: counted((ptr = 0, length = 0) => {
      const text = memoryAt(guest, ptr, length >>> 0)
      if (text.length > MAX_PATTERN_BYTES || patterns.length >= MAX_PATTERNS) return -1
      const pattern = compiled(text.toString('utf8'))
      if (pattern === undefined) return -1
      patternSteps += pattern.programSize()
      return patternSteps > MAX_PATTERN_STEPS ? -1 : patterns.push(pattern)
    }),
    regex_find_all: counted((handle = 0, ptr = 0, length = 0, out = 0, maxPairs = 0) => {
      const pattern = patterns[handle - 1]
      if (pattern === undefined) return -1
      const pairs = maxPairs >>> 0
      const places = memoryAt(guest, out, pairs * 8)
      const text = Uint8Array.prototype.slice.call(memoryAt(guest, ptr, length >>> 0))
      return writeMatches(pattern, text, places, pairs)
    }),
    regex_match: counted((handle = 0, ptr = 0, length = 0, from = 0, here = 0, out = 0, maxPairs = 0) => {
      const pattern = patterns[handle - 1]
      if (pattern === undefined) return -1
      const pairs = Math.min(maxPairs >>> 0, MAX_GROUPS)
      const places = memoryAt(guest, out, pairs * 8)
      return writeGroups(pattern, copyAt(guest, ptr, length), from >>> 0, here !== 0, places, pairs)
    }),
    ...allCounted(kvFunctions(guest)),
    ...allCounted(jsonFunctions(guest)),
    ...allCounted(deriveFunctions(guest)),
    ...allCounted(base64Functions(guest)),
    ...allCounted(wordFunctions(guest)),
    ...allCounted(tokenFunctions(guest)),
    ...allCounted(schemaFunctions(guest, linearPattern, checker))
  }
  return guest.mayTape ? taped(guest, functions) : functions
}

/** A bucket may take ten years to fill. */
const MAX_SECONDS = 3.2e8

/** The name of a counter or bucket. */
function sharedKey(guest: GuestContext, ptr: number, length: number): Buffer {
  if (!guest.mayCount) throw new PluginFault('trap', 'counts without the permission "counters"')
  const name = memoryAt(guest, ptr, length >>> 0)
  if (name.length > MAX_KEY_BYTES) throw new PluginFault('budget', `names a counter with ${name.length} bytes`)
  return name
}

/**
 * Takes a plugin's log line, if it may write any, cut to a sensible length. A call's lines are written by the event loop: more
 * than its limits would hold up everyone's exchanges.
 */
export function writeLog(guest: GuestContext, level: number, text: string, fields?: LogFields): void {
  if (!guest.mayLog) return
  const line = text.slice(0, MAX_LOG_BYTES)
  const size = Buffer.byteLength(line) + (fields === undefined ? 0 : Buffer.byteLength(JSON.stringify(fields)))
  if (guest.linesLeft > 0 && size <= guest.logBytesLeft) {
    guest.linesLeft--
    guest.logBytesLeft -= size
    guest.log(level >= 0 && level <= 3 ? level : 1, line, fields)
    return
  }
  guest.onDropped()
  if (guest.linesLeft < 0) return
  guest.linesLeft = -1 // said once in a call, and whatever comes after is left out too
  guest.log(2, 'more log lines in one call than its limits logLines and logBytes allow; the rest is left out')
}

export function overBudget(): PluginFault {
  return new PluginFault('budget', 'made more host calls than its limit')
}

function compiled(text: string): RE2JS | undefined {
  try {
    return RE2JS.compile(text)
  } catch {
    return undefined // not a pattern: the guest is told with -1
  }
}

/** Writes start and end of each match, little-endian u32 byte offsets; returns how many. Linear time (RE2). */
function writeMatches(pattern: RE2JS, text: Uint8Array, out: Buffer, maxPairs: number): number {
  // The usual answer is no, and test() finds that out some eight times faster than find(): it needs no places.
  if (maxPairs === 0 || !pattern.test(text)) return 0
  const matcher = pattern.matcher(text)
  let count = 0
  while (count < maxPairs && matcher.find()) {
    out.writeUInt32LE(matcher.start(), count * 8)
    out.writeUInt32LE(matcher.end(), count * 8 + 4)
    count++
  }
  return count
}
