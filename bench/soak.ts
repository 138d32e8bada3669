import { SOAK } from './cases.js'
import { CONTENDERS } from './contenders.js'
import { load } from './measure.js'
import { residentBytes } from './proc.js'
import type { Contender, Setup } from './setup.js'

export interface Soaked {
  readonly requests: number
  readonly beforeMib: number
  readonly afterMib: number
  readonly fault?: string
}

/** Memory of Sluice before and after many requests through the three-plugin chain; "before" is after a warm-up. */
export async function soak(setup: Setup, connections: number, seconds: number): Promise<Soaked> {
  const sluice = await CONTENDERS.sluice(setup)
  try {
    const warm = await send(setup, sluice, SOAK.warmUpRequests, connections, seconds)
    const before = residentBytes(sluice.pids)
    if (warm.fault !== undefined) return soaked(0, before, before, `warm-up: ${warm.fault}`)
    const { requests, fault } = await send(setup, sluice, SOAK.requests, connections, seconds)
    return soaked(requests, before, residentBytes(sluice.pids), fault)
  } finally {
    await sluice.end()
  }
}

/** wrk counts time, not requests: it is run until there are at least `atLeast`. */
async function send(
  setup: Setup,
  sluice: Contender,
  atLeast: number,
  connections: number,
  seconds: number
): Promise<{ readonly requests: number; readonly fault?: string }> {
  let requests = 0
  while (requests < atLeast) {
    const sent = await load(setup, sluice, { traffic: 'three' }, connections, seconds)
    requests += sent.requests
    if (sent.fault !== undefined) return { requests, fault: sent.fault }
  }
  return { requests }
}

function soaked(requests: number, before: number, after: number, fault: string | undefined): Soaked {
  const figures = { requests, beforeMib: before / 2 ** 20, afterMib: after / 2 ** 20 }
  return fault === undefined ? figures : { ...figures, fault }
}
