import type { ProbeConfig } from '../../config/resolve-upstream.js'
import type { Clock } from '../clock.js'
import type { Target } from '../target.js'
import type { Probe } from './probe.js'
import { ProbeCount } from './probe-count.js'

/** The first probes of a gateway's start come within this time, not all at once. */
const FIRST_MS = 500
/** How far an interval may be off, by chance, so that many gateways do not ask in step. */
const JITTER = 0.1

export interface ProberOptions {
  readonly probe: ProbeConfig
  readonly clock: Clock
  readonly random: () => number
  /** A probe of this target, and what ends it for good. */
  readonly open: (target: Target) => { readonly run: Probe; readonly close: () => void }
  readonly onProbe: (passed: boolean) => void
  /** A target was found to fail, or to be well again. @param reason - why it fails; undefined: it is well */
  readonly onChange: (target: Target, reason: string | undefined) => void
}

/** Asks the targets of one upstream how they are, each at its own pace, and marks those that fail. */
export class Prober {
  private readonly probed = new Map<Target, () => void>()

  constructor(private readonly options: ProberOptions) {}

  join(target: Target): void {
    if (this.probed.has(target)) return
    const { clock, random, probe } = this.options
    const { run, close } = this.options.open(target)
    const count = new ProbeCount(probe, target.failing !== undefined)
    if (target.probed) count.known()
    let stop = clock.after(random() * Math.min(FIRST_MS, probe.intervalMs), () => void once())
    let ended = false
    const once = async (): Promise<void> => {
      const reason = await run()
      if (ended) return
      this.took(target, count, reason)
      const off = 1 + (2 * random() - 1) * JITTER
      stop = clock.after(probe.intervalMs * off, () => void once())
    }
    this.probed.set(target, () => {
      ended = true
      stop()
      close()
    })
  }

  leave(target: Target): void {
    this.probed.get(target)?.()
    this.probed.delete(target)
  }

  close(): void {
    for (const target of [...this.probed.keys()]) this.leave(target)
  }

  private took(target: Target, count: ProbeCount, reason: string | undefined): void {
    const { clock, onProbe, onChange } = this.options
    target.probed = true
    onProbe(reason === undefined)
    if (!count.add(reason === undefined)) return
    onChange(target, reason)
    const now = clock.now()
    target.change({ failing: count.failing ? { since: now, reason: reason ?? '' } : undefined }, now)
  }
}
