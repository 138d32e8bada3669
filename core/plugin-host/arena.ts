import { Buffer } from 'node:buffer'
import { copyTo, partOf } from '../base/bare.js'
import { EMPTY_BODY } from '../base/body.js'
import { PHASE_HOOKS, type PhaseHook } from '../base/hooks.js'
import { type Entry, entryKind } from './entry.js'
import { PhraseNumbers, type Phrases } from './phrases.js'
import type { RecordMode } from './record/mode.js'
import { gapTo, inputPlace, WORD_BYTES } from './words.js'

/**
 * One batch of hook calls in shared memory, written by the event loop, answered by one worker thread.
 *
 *   words      progress, heartbeat, and where the worker stands (see below)
 *   input      from INPUT: per exchange its steps; the event loop's
 *   output     from the end of the input to the end: per exchange its entries; the worker's
 *
 * Results are in shared memory and not in the thread's answer so that they survive the thread: when one exchange
 * loops and its thread must be ended, every exchange finished before it is answered from here.
 */

/** Exchanges finished: their output is complete. Counted up last, with Atomics; SEALED is added by the event loop. */
const PROGRESS = 0
/** Two up for every move of the worker; odd while it writes where it stands. One that stands still is a plugin that runs on. */
const HEARTBEAT = 1
/** Which exchange of the batch, and which of its steps, runs now. */
const EXCHANGE = 2
const STEP = 3
/** What the step is doing: 0 a hook, 1 making an instance. */
const MAKING = 4
/** The kernel's number of the worker's thread. */
const THREAD = 5
/** Of a timed call: how long each step took that is done, microseconds, by its number. */
const TOOK = 6
/** So many steps of a call have a place there. */
const TOOK_STEPS = 64
const WORDS = TOOK + TOOK_STEPS
const INPUT = WORDS * 4
/** In PROGRESS: no exchange is counted any more, whatever the thread still does. */
const SEALED = 1 << 30

/** In the number of a step's binding: it is called with answers. */
const EFFECT = 1 << 30
/** In the number of a call's hook: its plugins' calls are to be recorded; always, or when one of them fails. */
const RECORD = { all: 1 << 30, faults: 1 << 29 } as const

export const ARENA_BYTES = 1024 * 1024
/** Share of an arena that a batch leaves to its output: enough for ordinary verdicts of a full batch. */
const OUTPUT_SHARE = 0.5

export interface StepInput {
  /** Index of the binding. */
  readonly binding: number
  readonly input: Uint8Array
  /** It is called with the answers to what it asked for (on_effect, on_ai_effect), not with the phase's hook. */
  readonly effect?: boolean
}

/** One phase of one exchange: the hook, and what each plugin of the chain gets. */
export interface CallInput {
  readonly hook: PhaseHook
  /** Each of another binding: verdicts stay in their plugin's memory until the last step is done. */
  readonly steps: readonly StepInput[]
  /** For *_body hooks: the whole body, else empty. */
  readonly body: Uint8Array
  /** Whether the answer says how long each step took. */
  readonly timed?: boolean
  /** Left out: nothing is recorded. */
  readonly record?: RecordMode | undefined
}

export { ENTRY, type Entry, type EntryKind } from './entry.js'

/** In the word of a call's hook: it is timed. */
const TIMED = 1 << 8

/** Where the worker stands: at this heartbeat, this step of this exchange of the batch. */
export interface Position {
  readonly beat: number
  readonly exchange: number
  readonly step: number
  /** It is making the instance, not calling a hook yet. */
  readonly making: boolean
  /** The kernel's number of its thread; 0: not known. */
  readonly thread: number
}

/** Both sides' view of one arena. */
export class Arena {
  private readonly words: Int32Array
  private readonly bytes: Buffer
  private readonly view: DataView
  /** Where the next thing is written or read. */
  private at = INPUT
  private outputStart = INPUT
  /** The event loop's: of how many exchanges the results are read. */
  private resultsRead = 0
  /** The worker's: the exchange it runs. */
  private exchange = 0

  /** @param numbers - the worker's: the verdicts that have a number */
  constructor(
    readonly memory: SharedArrayBuffer,
    private readonly numbers = new PhraseNumbers()
  ) {
    this.words = new Int32Array(memory, 0, WORDS)
    this.bytes = Buffer.from(memory)
    this.view = new DataView(memory)
  }

  /** The size of an arena with room for `call` alone and so much output. */
  static bytesFor(call: CallInput, outputBytes: number): number {
    return INPUT + size(call) + outputBytes + 4_096
  }

  // The event loop's side.

  begin(): void {
    this.words.fill(0, 0, TOOK)
    this.at = INPUT
    this.resultsRead = 0
  }

  /** Adds an exchange. False: it does not fit, nothing is written. */
  add(call: CallInput): boolean {
    if (this.at + size(call) > INPUT + (this.memory.byteLength - INPUT) * OUTPUT_SHARE) return false
    this.addAnyway(call)
    return true
  }

  addAnyway(call: CallInput): void {
    const record = call.record === undefined ? 0 : RECORD[call.record]
    this.word(PHASE_HOOKS.indexOf(call.hook) | (call.timed === true ? TIMED : 0) | record)
    this.word(call.steps.length)
    for (const { binding, input, effect } of call.steps) {
      this.word(effect === true ? binding | EFFECT : binding)
      this.inputBlock(input)
    }
    this.alignedBlock(call.body)
    this.outputStart = this.at
  }

  get progress(): number {
    return Atomics.load(this.words, PROGRESS) & ~SEALED
  }

  /** Where the worker stands; undefined when it has not begun, or moves just now. */
  position(): Position | undefined {
    const beat = Atomics.load(this.words, HEARTBEAT)
    if (beat === 0 || beat % 2 !== 0) return undefined
    const exchange = Atomics.load(this.words, EXCHANGE)
    const step = Atomics.load(this.words, STEP)
    const making = Atomics.load(this.words, MAKING) === 1
    const thread = Atomics.load(this.words, THREAD)
    return Atomics.load(this.words, HEARTBEAT) === beat ? { beat, exchange, step, making, thread } : undefined
  }

  /** How long a step took that came before the one the worker stands at, milliseconds; undefined: there was no place for it. */
  tookMs(step: number): number | undefined {
    return step < TOOK_STEPS ? (this.words[TOOK + step] ?? 0) / 1_000 : undefined
  }

  /**
   * Ends the batch on this side: nothing the worker finishes from now on counts, so what is not counted yet can be
   * given to another thread without being answered twice.
   * @returns how many exchanges were finished
   */
  seal(): number {
    return Atomics.or(this.words, PROGRESS, SEALED) & ~SEALED
  }

  /**
   * The entries of the exchanges that were finished since it was called last. The bytes are copies.
   * @param phrases - what the worker has said before
   */
  results(phrases: Phrases): Entry[][] {
    if (this.resultsRead === 0) this.at = this.outputStart
    const results: Entry[][] = []
    for (const { progress } = this; this.resultsRead < progress; this.resultsRead++) {
      results.push(this.readEntries(phrases))
    }
    return results
  }

  // The worker's side.

  sign(thread: number): void {
    Atomics.store(this.words, THREAD, thread)
  }

  /** The exchanges of the batch, in place: the views are valid until the batch ends. */
  readCalls(count: number): CallInput[] {
    this.at = INPUT
    const calls: CallInput[] = []
    for (let i = 0; i < count; i++) {
      const word = this.readWord()
      const hook = PHASE_HOOKS[word & ~(TIMED | RECORD.all | RECORD.faults)] ?? 'on_request'
      const steps: StepInput[] = []
      for (let n = this.readWord(); n > 0; n--) steps.push(this.readStep())
      const body = this.readAlignedBlock()
      const record = word < RECORD.faults ? undefined : recordMode(word)
      calls.push({ hook, steps, body, timed: (word & TIMED) !== 0, record })
    }
    this.outputStart = this.at
    return calls
  }

  private readStep(): StepInput {
    const word = this.readWord()
    this.at = inputPlace(this.at)
    const input = this.readBlock()
    return (word & EFFECT) === 0 ? { binding: word, input } : { binding: word & ~EFFECT, input, effect: true }
  }

  beginExchange(exchange: number): void {
    this.exchange = exchange
  }

  beginStep(step: number, making: boolean): void {
    // Plain stores between two atomic ones: they can move past neither, and cost a third.
    const { words } = this
    Atomics.add(words, HEARTBEAT, 1)
    words[EXCHANGE] = this.exchange
    words[STEP] = step
    words[MAKING] = making ? 1 : 0
    Atomics.add(words, HEARTBEAT, 1)
  }

  /** A step of a timed call is done: said here as well, since its entries are lost should a later one cost the thread its life. */
  took(step: number, ms: number): void {
    if (step < TOOK_STEPS) this.words[TOOK + step] = ms * 1_000
  }

  /** Shows the watchdog that the worker moves. */
  beat(): void {
    Atomics.add(this.words, HEARTBEAT, 2)
  }

  /**
   * Writes the entries of the current exchange and counts it as finished.
   * @returns 'full': no room, nothing is written; 'sealed': the batch has ended, nothing counts any more
   */
  finish(entries: readonly Entry<Uint8Array>[]): 'finished' | 'full' | 'sealed' {
    let needed = 4
    for (const { bytes } of entries) needed += ENTRY_BYTES + bytes.length
    if (this.at + needed > this.memory.byteLength) return 'full'
    this.writeEntries(entries)
    const counted = Atomics.compareExchange(this.words, PROGRESS, this.exchange, this.exchange + 1) === this.exchange
    this.beat()
    return counted ? 'finished' : 'sealed'
  }

  private writeEntries(entries: readonly Entry<Uint8Array>[]): void {
    this.word(entries.length)
    for (const { kind, binding, bytes, read } of entries) {
      this.word(kind)
      this.word(binding)
      const number = read?.number ?? -1
      if (number >= 0) {
        this.word(KNOWN | number)
        continue
      }
      this.word(read?.kept === undefined ? PLAIN : NUMBERED | this.numbers.give(read))
      this.block(bytes)
    }
  }

  private readEntries(phrases: Phrases): Entry[] {
    const count = this.readWord()
    if (count === 0) return NO_ENTRIES
    const entries: Entry[] = []
    for (let i = 0; i < count; i++) entries.push(this.readEntry(phrases))
    return entries
  }

  private readEntry(phrases: Phrases): Entry {
    const kind = entryKind(this.readWord())
    const binding = this.readWord()
    const phrase = this.readWord()
    if ((phrase & KNOWN) !== 0) return phrases.get(phrase & ~KNOWN)
    const bytes = Buffer.from(this.readBlock())
    return phrase === PLAIN ? { kind, binding, bytes } : phrases.learn(phrase & ~NUMBERED, { kind, binding, bytes })
  }

  private word(value: number): void {
    this.view.setUint32(this.at, value, true)
    this.at += 4
  }

  private block(bytes: Uint8Array): void {
    this.word(bytes.length)
    copyTo(this.bytes, bytes, this.at)
    this.at += bytes.length
  }

  /** A block whose bytes begin at a multiple of WORD_BYTES, as inputs do here and in the guest. */
  private inputBlock(bytes: Uint8Array): void {
    this.at = inputPlace(this.at)
    this.block(bytes)
  }

  /** A block as far from a multiple of WORD_BYTES as its bytes lie in their buffer. */
  private alignedBlock(bytes: Uint8Array): void {
    const gap = gapTo(this.at + 8, bytes.byteOffset) // behind both lengths
    this.word(gap)
    this.at += gap
    this.block(bytes)
  }

  private readAlignedBlock(): Buffer {
    const gap = this.readWord()
    this.at += gap
    return this.readBlock()
  }

  private readWord(): number {
    const value = this.view.getUint32(this.at, true)
    this.at += 4
    return value
  }

  private readBlock(): Buffer {
    const length = this.readWord()
    if (length === 0) return EMPTY_BODY
    const bytes = partOf(this.bytes, this.at, this.at + length)
    this.at += length
    return bytes
  }
}

const NO_ENTRIES: Entry[] = []
/** Of an entry, beside its bytes: kind, binding, phrase, length. */
const ENTRY_BYTES = 16
/** In the word of an entry's phrase: it has no number; it gets this one; it has this one, and its bytes are not there. */
const PLAIN = 0
const NUMBERED = 1 << 30
const KNOWN = 1 << 29

function size(call: CallInput): number {
  let bytes = 16 + WORD_BYTES + call.body.length
  for (const { input } of call.steps) bytes += 8 + WORD_BYTES + input.length
  return bytes
}

function recordMode(word: number): RecordMode {
  return (word & RECORD.all) === 0 ? 'faults' : 'all'
}
