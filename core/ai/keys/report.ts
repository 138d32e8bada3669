import type { KeyStatus } from './pool.js'

/** How the keys of an account are doing. */
export interface AccountKeys {
  readonly account: string
  /** The kind of provider. */
  readonly provider: string
  /** Empty: it works without. */
  readonly keys: readonly KeyReport[]
}

export interface KeyReport extends KeyStatus {
  /** Where event loops do not agree: how many have it in which state. */
  readonly states?: Readonly<Partial<Record<KeyStatus['state'], number>>>
}

/** Worst first. */
const STATES = ['refused', 'limited', 'ready'] as const

/** The keys of several event loops as one, each of which has found out by itself: a key is in the worst state any of them has it in. */
export function mergeKeys(loops: readonly (readonly AccountKeys[])[]): AccountKeys[] {
  const [first = [], ...others] = loops
  return first.map(account => {
    const same = others.flatMap(each => each.filter(other => other.account === account.account))
    return { ...account, keys: account.keys.map(key => merged([key, ...same.flatMap(of => keyIn(of, key.label))])) }
  })
}

function keyIn({ keys }: AccountKeys, label: string): KeyReport[] {
  return keys.filter(key => key.label === label)
}

function merged(all: readonly [KeyReport, ...KeyReport[]]): KeyReport {
  const counts = STATES.flatMap(state => {
    const those = all.filter(key => key.state === state)
    return those.length === 0 ? [] : [{ state, those }]
  })
  const [worst] = counts
  if (worst === undefined) return all[0]
  const forMs = Math.max(...worst.those.map(key => key.forMs))
  return {
    label: all[0].label,
    state: worst.state,
    forMs: Math.ceil(forMs),
    ...(counts.length > 1 && { states: Object.fromEntries(counts.map(({ state, those }) => [state, those.length])) })
  }
}
