import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** Networks that are not the public internet (RFC 6890 and the IANA special-purpose registries). */
const SPECIAL_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4]
] as const
/** What is not in 2000::/3 is not public at all; of that, these are not either. */
const SPECIAL_6 = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20]
] as const

// One list for each family: an IPv6 range would be held against IPv4 addresses too, in their mapped form.
const special = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [address, prefix] of SPECIAL_4) special.ipv4.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of SPECIAL_6) special.ipv6.addSubnet(address, prefix, 'ipv6')

/** An address a plugin may not call. */
export class ForbiddenAddress extends Error {
  readonly code = 'SLUICE_FORBIDDEN_ADDRESS'

  constructor(host: string, address: string) {
    super(`${host} is ${address}, which is not a public address; callouts.allowNetworks does not list it`)
  }
}

/** Whether a plugin's callout may go to this address: it is public, or the operator allows its network. */
export function isCallable(address: string, allowed: BlockList | undefined): boolean {
  const plain = mapped(address)
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  return !special[family].check(plain, family) || allowed?.check(plain, family) === true
}

/** ::ffff:127.0.0.1, in each of its spellings, is 127.0.0.1 to who connects to it. */
function mapped(address: string): string {
  const host = isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
  const hex = /^::(?:ffff:)?(?:([0-9a-f]{1,4}):)([0-9a-f]{1,4})$/.exec(host)
  if (hex === null) return host
  const value = Number.parseInt(hex[1] ?? '0', 16) * 65_536 + Number.parseInt(hex[2] ?? '0', 16)
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.')
}

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * A resolver for `net.connect`: each name is looked up once and the connection goes to what was found and checked, so
 * that a name that answers differently the second time gains nothing. One forbidden address among several is enough to refuse.
 */
export function guardedLookup(allowed: BlockList | undefined) {
  return (host: string, options: { all?: boolean | undefined }, answer: Answer): void => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error !== null) return answer(error, '')
      const forbidden = addresses.find(({ address }) => !isCallable(address, allowed))
      if (forbidden !== undefined) return answer(new ForbiddenAddress(host, forbidden.address), '')
      const [first] = addresses
      if (first === undefined) return answer(new Error(`${host} has no address`), '')
      if (options.all === true) answer(null, addresses)
      else answer(null, first.address, first.family)
    })
  }
}

/** What is wrong with an origin that is an address itself, before anything connects to it. */
export function forbiddenOrigin(origin: string, allowed: BlockList | undefined): ForbiddenAddress | undefined {
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !isCallable(host, allowed) ? new ForbiddenAddress(host, host) : undefined
}
