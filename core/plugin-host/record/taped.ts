import type { GuestMemory } from '../guest-memory.js'

/**
 * What of a host call is written down so that a replay can give the same again. Arguments are numbers: which of them are pointers
 * differs by function, and where a pointer points to differs by version of the plugin; so a call is known by the bytes at its
 * pointers and by its plain numbers.
 */
export interface TapedFunction {
  /** Pairs of arguments, by place: a pointer and a length of what it reads. */
  readonly reads?: readonly (readonly [pointer: number, length: number])[]
  /** Places of arguments that are plain numbers. */
  readonly numbers?: readonly number[]
  /** Where it writes: pointer and length, from the arguments and what it returned. */
  readonly writes?: (args: readonly number[], result: number) => readonly [pointer: number, length: number]
}

/**
 * The functions whose answer does not follow from their arguments: clocks, chance, and what is shared. A new one is a line here; one that
 * only computes is a name in COMPUTED. A test holds the two to imports.ts.
 */
export const TAPED: Readonly<Record<string, TapedFunction>> = {
  now: {},
  monotonic: {},
  random: { numbers: [1], writes: ([pointer = 0, length = 0]) => [pointer, length] },
  bucket_take: { reads: [[0, 1]], numbers: [2, 3, 4], writes: ([, , , , , pointer = 0]) => [pointer, 24] },
  counter_add: { reads: [[0, 1]], numbers: [2, 3, 4] },
  counter_get: { reads: [[0, 1]] },
  kv_get: {
    reads: [[0, 1]],
    writes: ([, , pointer = 0, room = 0], result) => [pointer, Math.min(Math.max(result, 0), room)]
  },
  kv_set: {
    reads: [
      [0, 1],
      [2, 3]
    ],
    numbers: [4]
  },
  kv_delete: { reads: [[0, 1]] },
  kv_compare_set: {
    reads: [
      [0, 1],
      [4, 5]
    ],
    numbers: [3, 6]
  }
}

/** These are computed anew in a replay. */
export const COMPUTED: ReadonlySet<string> = new Set([
  'log',
  'log_fields',
  'metric_add',
  'metric_set',
  'metric_observe',
  'sha256',
  'hmac',
  'key_import',
  'verify',
  'regex_compile',
  'regex_find_all',
  'regex_match',
  'pbkdf2',
  'json_get',
  'json_set',
  'json_remove',
  'json_text',
  'words_compile',
  'words_find',
  'tokens_count',
  'schema_compile',
  'schema_check',
  'base64url_encode',
  'base64url_decode'
])

/** Writes down what host functions answer, or answers in their place. */
export interface Tape {
  play(call: TapeCall): number | undefined
}

/** One call of a host function, as a tape sees it. */
export interface TapeCall {
  readonly name: string
  readonly how: TapedFunction
  readonly args: readonly number[]
  readonly memory: GuestMemory | undefined
  /** The function itself. @throws PluginFault */
  readonly run: () => number | undefined
}

export interface TapedGuest {
  memory: GuestMemory | undefined
  /** Undefined: nobody records, and nobody replays. */
  tape: Tape | undefined
  /** Whether there ever is a tape: functions that nobody records are called directly. */
  readonly mayTape: boolean
}

type Run = (call: unknown, ...args: number[]) => number | undefined

/** Puts the guest's tape, when it has one, between it and the functions whose answers a replay must know. */
export function taped(guest: TapedGuest, functions: Readonly<Record<string, Run>>): Record<string, Run> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, run]): [string, Run] => {
      if (COMPUTED.has(name)) return [name, run]
      const how = TAPED[name] ?? {}
      return [
        name,
        (call, ...args) => {
          if (guest.tape === undefined) return run(call, ...args)
          return guest.tape.play({ name, how, args, memory: guest.memory, run: () => run(call, ...args) })
        }
      ]
    })
  )
}
