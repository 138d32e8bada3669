import type { Reply } from '../base/http.js'
import type { Binding } from '../plugin-host/binding.js'
import type { Exchange } from './exchange.js'
import { Times } from './times.js'

const OWN_NAMES: readonly string[] = ['request-policies', 'response-policies', 'upstream', 'total']

/** How each policy of a route is named in Server-Timing: its plugin's name, and its place where that is not enough. */
export function timingNames(policies: readonly Binding[]): string[] {
  return policies.map(({ plugin }, place) => {
    const alone = policies.filter(other => other.plugin === plugin).length === 1 && !OWN_NAMES.includes(plugin)
    return alone ? plugin : `${plugin};desc="policies[${place}]"`
  })
}

/** The value of a Server-Timing header (W3C Server Timing): every policy that ran, the phases, the upstream, and the whole. */
export function serverTiming({ times, startedAt }: Exchange, names: readonly string[], now: number): string {
  const entries = names.flatMap((name, place) => entry(name, times?.policies[place]))
  entries.push(
    ...entry('request-policies', times?.request),
    ...entry('response-policies', times?.response),
    ...entry('upstream', times?.upstream),
    ...entry('total', now - startedAt)
  )
  return entries.join(', ')
}

/** The duration stands behind the name and before a description, which may hold anything. */
function entry(name: string, ms: number | undefined): string[] {
  if (ms === undefined) return []
  const at = name.indexOf(';')
  const dur = `;dur=${Number(ms.toFixed(3))}`
  return [at === -1 ? name + dur : name.slice(0, at) + dur + name.slice(at)]
}

/** Notes how long the upstream's reply took, all tries and waiting together. @param since - performance.now() at the beginning */
export async function timedReply(reply: Promise<Reply>, since: number, exchange: Exchange): Promise<Reply> {
  try {
    return await reply
  } finally {
    timesOf(exchange).upstream = performance.now() - since
  }
}

export function timesOf(exchange: Exchange): Times {
  exchange.times ??= new Times()
  return exchange.times
}
