import { GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import type { ExchangeMeter } from '../observe/exchange-meter.js'
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

/** Waits for an upstream's reply and notes how long that was. @param since - performance.now() when it was sent on */
export async function timedReply(
  reply: Promise<Reply>,
  since: number,
  exchange: Exchange,
  meter: ExchangeMeter | undefined
): Promise<Reply> {
  const name = exchange.upstream
  let status = 0
  let code: GatewayError['code'] | undefined
  try {
    const head = await reply
    status = head.status
    return head
  } catch (thrown) {
    code = thrown instanceof GatewayError ? thrown.code : 'GW_INTERNAL'
    throw thrown
  } finally {
    const ms = performance.now() - since
    meter?.upstream(name, status, code, ms)
    if (exchange.route?.timing !== undefined) timesOf(exchange).upstream = ms
  }
}

export function timesOf(exchange: Exchange): Times {
  exchange.times ??= new Times()
  return exchange.times
}
