import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { DiscoverConfig } from '../../config/resolve-upstream.js'
import type { TargetSpec } from '../spec.js'

type DnsConfig = Exclude<DiscoverConfig, { kind: 'file' }>

/** The targets a name stands for now, and for how long they are good. */
export interface Found {
  readonly targets: readonly TargetSpec[]
  readonly ttlMs: number
}

/** @throws Error when nothing was found, or nobody answered */
export type DnsLookup = () => Promise<Found>

/** A server that does not answer is asked this often, for so long. */
const TRIES = 2
const TIMEOUT_MS = 2_000

/** Looks the targets of a name up, at the DNS servers directly: their answers have the time to live that the system's resolver hides. */
export function dnsLookup(config: DnsConfig): { readonly lookup: DnsLookup; readonly cancel: () => void } {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (config.servers.length > 0) resolver.setServers(config.servers)
  const lookup = config.kind === 'srv' ? () => lookupSrv(config, resolver) : () => lookupHost(config, resolver)
  return { lookup, cancel: () => resolver.cancel() }
}

async function lookupHost(config: DnsConfig, resolver: Resolver): Promise<Found> {
  const { addresses, ttlMs } = await addressesOf(config.name, config, resolver)
  const port = config.port ?? (config.scheme === 'https' ? 443 : 80)
  return { targets: addresses.map(address => spec(config, config.name, address, port, 1, 0)), ttlMs }
}

/**
 * RFC 2782. The weight 0 means "hardly ever" there and would mean "never" here: it becomes 1, and the others count a hundred times
 * beside it. A name whose addresses are not found is passed over, as a target that does not answer is. Node does not say how long SRV
 * records are good: it goes by the addresses of the names in them.
 */
async function lookupSrv(config: DnsConfig, resolver: Resolver): Promise<Found> {
  const records = (await resolver.resolveSrv(config.name)).filter(({ name }) => name !== '' && name !== '.')
  if (records.length === 0) throw new Error(`${config.name} has no SRV records with a host`)
  const idle = records.some(({ weight }) => weight === 0) && records.some(({ weight }) => weight > 0)
  const looks = await Promise.allSettled(
    records.map(async ({ name, port, priority, weight }) => {
      const { addresses, ttlMs } = await addressesOf(name, config, resolver)
      const share = idle ? Math.max(1, weight * 100) : Math.max(1, weight)
      return { ttlMs, targets: addresses.map(address => spec(config, name, address, port, share, priority)) }
    })
  )
  const found = looks.flatMap(look => (look.status === 'fulfilled' ? look.value : []))
  const failed = looks.find(look => look.status === 'rejected')
  if (found.length === 0 && failed !== undefined) throw failed.reason
  return {
    targets: found.flatMap(({ targets }) => targets),
    ttlMs: Math.min(...found.map(({ ttlMs }) => ttlMs))
  }
}

async function addressesOf(
  name: string,
  { family }: DnsConfig,
  resolver: Resolver
): Promise<{ addresses: string[]; ttlMs: number }> {
  const asked = [
    ...(family === 'ipv6' ? [] : [resolver.resolve4(name, { ttl: true })]),
    ...(family === 'ipv4' ? [] : [resolver.resolve6(name, { ttl: true })])
  ]
  const answers = await Promise.allSettled(asked)
  const records = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
  // A name may have addresses of one family only. But half an answer, where the other half timed out, is none.
  const broken = answers.find(answer => answer.status === 'rejected' && !saysNone(answer.reason))
  const none = answers.find(answer => answer.status === 'rejected')
  const failure = broken ?? (records.length === 0 ? none : undefined)
  if (failure?.status === 'rejected') throw failure.reason
  if (records.length === 0) throw new Error(`${name} has no addresses`)
  // In a steady order: servers turn theirs round with every answer.
  return {
    addresses: [...new Set(records.map(({ address }) => address))].sort(),
    ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000
  }
}

/** Whether the answer is that there are no such records. */
function saysNone(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && (reason.code === 'ENODATA' || reason.code === 'ENOTFOUND')
}

function spec(
  { scheme }: DnsConfig,
  name: string,
  address: string,
  port: number,
  weight: number,
  priority: number
): TargetSpec {
  const host = isIP(address) === 6 ? `[${address}]` : address
  const { origin: url } = new URL(`${scheme}://${host}:${port}`)
  const { origin } = new URL(`${scheme}://${name.replace(/\.$/, '')}:${port}`)
  return { url, origin, address, weight, priority }
}
