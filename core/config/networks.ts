import { isIP, SocketAddress } from 'node:net'

/** A range of IP addresses, in the terms of `net.BlockList.addSubnet`. */
export interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Takes an address or a CIDR apart; undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined || address.includes('%')) return undefined
  const width = version === 4 ? 32 : 128
  if (prefix !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(prefix)) return undefined
  const length = prefix === undefined ? width : Number(prefix)
  if (length > width) return undefined
  return { address, prefix: length, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** What is wrong with an address or a network, or undefined. */
export function wrongNetwork(text: string): string | undefined {
  const network = parseNetwork(text)
  if (network === undefined) return 'is no IP address and no network; expected one like 192.0.2.7 or 10.0.0.0/8'
  const first = firstAddress(network)
  if (first === undefined) return undefined
  // 10.1.2.3/8 is either the host or the net: too much trust hangs on it to guess.
  return `has bits set beyond its prefix; did you mean "${first}/${network.prefix}"?`
}

/** The first address of the network, when it is not the one written. */
function firstAddress({ address, prefix, family }: Network): string | undefined {
  const width = family === 'ipv4' ? 32 : 128
  const value = family === 'ipv4' ? ipv4(address) : ipv6(address)
  const hostBits = BigInt(width - prefix)
  const masked = (value >> hostBits) << hostBits
  if (masked === value) return undefined
  const hex = masked.toString(16).padStart(width / 4, '0')
  if (family === 'ipv4') return (hex.match(/../g) ?? []).map(part => Number.parseInt(part, 16)).join('.')
  return new SocketAddress({ family, address: (hex.match(/..../g) ?? []).join(':') }).address
}

function ipv4(address: string): bigint {
  return address.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function ipv6(address: string): bigint {
  // An IPv4 tail (::ffff:10.0.0.1) is two groups.
  const tail = /[^:]+\.[^:]+$/.exec(address)?.[0]
  const groups = tail === undefined ? address : address.slice(0, -tail.length) + hexGroups(ipv4(tail))
  const [head = '', rest] = groups.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = rest === undefined || rest === '' ? [] : rest.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

function hexGroups(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}
