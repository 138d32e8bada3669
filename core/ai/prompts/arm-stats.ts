import { Refusal } from '../../base/refusal.js'
import type { Feedback } from './request.js'

/** A call of a prompt that is over. */
export interface ArmCall {
  /** Of the completion. */
  readonly id: string
  /** The trace it is in; empty: none is known. */
  readonly trace: string
  /** Whose it is, who alone may rate it: tenant and consumer, as the caller of this puts them together. */
  readonly owner: string
  readonly prompt: string
  readonly version: string
  readonly label: string | undefined
  readonly latencyMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly microDollars: number
  /** `left`: its client went away before the end, which says nothing of the version. */
  readonly outcome: 'answered' | 'failed' | 'left'
  /** The answer was there already, or made for somebody else: it says how good the version is, not what it costs or how fast it is. */
  readonly hit: boolean
}

/** How a version did under a label. Tokens and cost are of all calls but `hits`, whatever came of them. */
export interface ArmReport {
  readonly prompt: string
  readonly version: string
  readonly label: string | null
  /** All of them. */
  readonly calls: number
  /** Those that had no answer, or none that could be used. */
  readonly failures: number
  /** Those whose client went away before the end. */
  readonly left: number
  /** Those answered from a cache, or with the answer to somebody else. */
  readonly hits: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly microDollars: number
  /** Of calls that a model answered to the end; null: there was none. Percentiles are of the last ones. */
  readonly latencyMs: { readonly mean: number; readonly p50: number; readonly p95: number } | null
  readonly feedback: {
    readonly count: number
    /** From 0 to 1; null: there is none. */
    readonly mean: number | null
    /** The last ones, newest first. */
    readonly comments: readonly { readonly id: string; readonly score: number; readonly comment: string }[]
  }
}

/** Where it is kept how the versions of prompts do. */
export interface ArmStats {
  record(call: ArmCall): void
  /**
   * A second judgement of the same completion takes the place of the first.
   * @returns what was rated
   * @throws Refusal GW_FEEDBACK_UNKNOWN when there is no such completion of this owner, or not any more
   */
  rate(feedback: Feedback, owner: string): Pick<ArmCall, 'id' | 'prompt' | 'version' | 'label'>
  report(prompt?: string): ArmReport[]
}

const MAX_ARMS = 10_000
const MAX_LATENCIES = 512
const MAX_COMMENTS = 50

/** Keeps it in this process. @param maxCalls - how many of the last calls can be rated */
export class MemoryArmStats implements ArmStats {
  private readonly arms = new Map<string, ArmFigures>()
  private readonly calls = new Map<string, Rated>()
  private readonly traces = new Map<string, string>()

  constructor(private maxCalls: number) {}

  /** From now on so many calls can be rated. */
  keep(maxCalls: number): void {
    this.maxCalls = maxCalls
    while (this.calls.size > maxCalls) this.forgetOldest()
  }

  record(call: ArmCall): void {
    this.arm(call).add(call)
    if (call.outcome === 'failed' || this.maxCalls === 0) return
    this.calls.set(call.id, { call, score: undefined })
    if (call.trace !== '') this.traces.set(traceKey(call.owner, call.trace), call.id)
    if (this.calls.size > this.maxCalls) this.forgetOldest()
  }

  rate({ by, score, comment }: Feedback, owner: string): Pick<ArmCall, 'id' | 'prompt' | 'version' | 'label'> {
    const id = 'id' in by ? by.id : this.traces.get(traceKey(owner, by.trace))
    const rated = id === undefined ? undefined : this.calls.get(id)
    if (rated === undefined || rated.call.owner !== owner) {
      const what = 'id' in by ? `id "${by.id}"` : `trace "${by.trace}"`
      throw new Refusal('GW_FEEDBACK_UNKNOWN', `there is no completion of ${what} that could be rated`, [])
    }
    const { call } = rated
    this.arm(call).rate(call.id, score, rated.score, comment)
    rated.score = score
    return { id: call.id, prompt: call.prompt, version: call.version, label: call.label }
  }

  report(prompt?: string): ArmReport[] {
    return [...this.arms.values()].filter(arm => prompt === undefined || arm.prompt === prompt).map(arm => arm.report())
  }

  private arm({ prompt, version, label }: Pick<ArmCall, 'prompt' | 'version' | 'label'>): ArmFigures {
    const key = JSON.stringify([prompt, version, label])
    const known = this.arms.get(key)
    if (known !== undefined) return known
    const [oldest] = this.arms.keys()
    if (oldest !== undefined && this.arms.size >= MAX_ARMS) this.arms.delete(oldest)
    const made = new ArmFigures(prompt, version, label)
    this.arms.set(key, made)
    return made
  }

  private forgetOldest(): void {
    const [oldest] = this.calls.values()
    if (oldest === undefined) return
    const { id, owner, trace } = oldest.call
    this.calls.delete(id)
    if (this.traces.get(traceKey(owner, trace)) === id) this.traces.delete(traceKey(owner, trace))
  }
}

interface Rated {
  readonly call: ArmCall
  score: number | undefined
}

class ArmFigures {
  private calls = 0
  private failures = 0
  private left = 0
  private hits = 0
  private inputTokens = 0
  private outputTokens = 0
  private microDollars = 0
  private answered = 0
  private latencySum = 0
  private readonly latencies: number[] = []
  private ratings = 0
  private scoreSum = 0
  private comments: { id: string; score: number; comment: string }[] = []

  constructor(
    readonly prompt: string,
    private readonly version: string,
    private readonly label: string | undefined
  ) {}

  add({ outcome, hit, latencyMs, inputTokens, outputTokens, microDollars }: ArmCall): void {
    this.calls++
    if (outcome === 'failed') this.failures++
    if (outcome === 'left') this.left++
    if (hit) {
      this.hits++
      return
    }
    this.inputTokens += inputTokens
    this.outputTokens += outputTokens
    this.microDollars += microDollars
    if (outcome !== 'answered') return
    this.latencies[this.answered % MAX_LATENCIES] = latencyMs
    this.latencySum += latencyMs
    this.answered++
  }

  rate(id: string, score: number, before: number | undefined, comment: string | undefined): void {
    if (before === undefined) this.ratings++
    this.scoreSum += score - (before ?? 0)
    this.comments = this.comments.filter(each => each.id !== id)
    if (comment !== undefined && comment !== '') this.comments.unshift({ id, score, comment })
    this.comments.length = Math.min(this.comments.length, MAX_COMMENTS)
  }

  report(): ArmReport {
    const { prompt, version, label = null, calls, failures, left, hits, inputTokens, outputTokens, microDollars } = this
    const { answered, ratings, scoreSum, comments } = this
    const sorted = [...this.latencies].sort((a, b) => a - b)
    return {
      prompt,
      version,
      label,
      calls,
      failures,
      left,
      hits,
      inputTokens,
      outputTokens,
      microDollars,
      latencyMs:
        answered === 0 ? null : { mean: this.latencySum / answered, p50: at(sorted, 0.5), p95: at(sorted, 0.95) },
      feedback: { count: ratings, mean: ratings === 0 ? null : scoreSum / ratings, comments: [...comments] }
    }
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

function traceKey(owner: string, trace: string): string {
  return JSON.stringify([owner, trace])
}
