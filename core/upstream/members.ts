import type { HttpClient } from './http.js'
import type { KeptTargets } from './kept-targets.js'
import { distinct, keyOf, type TargetSpec } from './spec.js'
import { Target } from './target.js'

export interface Member {
  readonly target: Target
  readonly spec: TargetSpec
}

export interface MembersOptions {
  readonly name: string
  readonly kept: KeptTargets
  readonly clientKey: string
  readonly openClient: (spec: TargetSpec) => HttpClient
}

const GONE = 'no longer among the targets'

/** The targets of one upstream, as they come and go. Those that stay keep their state and their connections. */
export class Members {
  targets: readonly Target[] = []
  private readonly byKey = new Map<string, Member>()
  /** Those that went, while they have requests under way. */
  readonly leaving = new Set<Member>()
  /** Whether it is this one's say what weights they have. */
  private leading = false
  /** Whether those that come now are new to an upstream that is in use: they start slowly. */
  private begun: boolean

  constructor(
    private readonly options: MembersOptions,
    private readonly onChange: () => void
  ) {
    this.begun = options.kept.knows(options.name)
  }

  get all(): readonly Member[] {
    return [...this.byKey.values()]
  }

  specOf(target: Target): TargetSpec {
    const member = this.all.find(each => each.target === target)
    return member?.spec ?? { url: target.url, origin: target.url, address: undefined, weight: 1, priority: 0 }
  }

  /** Makes these the targets. */
  apply(specs: readonly TargetSpec[]): { readonly added: readonly Target[]; readonly removed: readonly Target[] } {
    const wanted = distinct(specs)
    const keys = new Set(wanted.map(keyOf))
    const removed = [...this.byKey].filter(([key]) => !keys.has(key)).map(([key, member]) => this.remove(key, member))
    const added = wanted.filter(spec => !this.byKey.has(keyOf(spec))).map(spec => this.add(spec))
    for (const spec of wanted) {
      const key = keyOf(spec)
      const member = this.byKey.get(key)
      if (member !== undefined) this.byKey.set(key, { ...member, spec })
    }
    this.targets = this.all.map(({ target }) => target)
    if (this.targets.length > 0) this.begun = true
    if (this.leading) this.configure()
    this.onChange()
    return { added, removed }
  }

  lead(): void {
    this.leading = true
    this.configure()
    this.onChange()
  }

  rest(): void {
    this.leading = false
  }

  /** Gives every target back; clients nobody else uses are closed, requests under way or not. */
  async close(): Promise<void> {
    const keys = [...this.byKey.keys()]
    for (const { target } of this.byKey.values()) target.watchers.delete(this.onChange)
    this.byKey.clear()
    await Promise.all(keys.map(key => this.options.kept.release(this.keptKey(key), 'now')))
    await Promise.all([...this.leaving].map(({ spec }) => this.options.kept.expel(this.keptKey(keyOf(spec)))))
  }

  private configure(): void {
    for (const { target, spec } of this.byKey.values()) {
      target.configure(spec)
      // It went, or did so for a snapshot that is no more, and is back.
      if (target.drained?.reason === GONE) target.change({ drained: undefined }, this.options.kept.clock.now())
    }
  }

  private add(spec: TargetSpec): Target {
    const { kept, openClient } = this.options
    const key = keyOf(spec)
    const target = kept.take(this.keptKey(key), () => {
      const made = new Target(spec.url, openClient(spec), kept.clock.now())
      const before = kept.sameAddress(`${this.options.name} ${key} `)
      if (before !== undefined) made.adopt(before)
      else if (this.begun) made.startedSlowly = kept.clock.now()
      made.configure(spec)
      return made
    })
    for (const member of this.leaving) if (member.target === target) this.leaving.delete(member)
    target.watchers.add(this.onChange)
    this.byKey.set(key, { target, spec })
    return target
  }

  private remove(key: string, member: Member): Target {
    const { target } = member
    const { kept } = this.options
    this.byKey.delete(key)
    target.watchers.delete(this.onChange)
    const since = kept.clock.now()
    if (target.drained === undefined) target.change({ drained: { since, reason: GONE } }, since)
    this.leaving.add(member)
    void kept.release(this.keptKey(key), 'idle').then(() => this.leaving.delete(member))
    return target
  }

  private keptKey(key: string): string {
    return `${this.options.name} ${key} ${this.options.clientKey}`
  }
}
