import type { BlockList } from 'node:net'
import { isIP } from 'node:net'
import { codeAt } from '../base/bare.js'
import { allValues, type HeaderList, removeHeader } from '../base/headers.js'
import { isListed } from './block-list.js'
import type { Exchange } from './exchange.js'

/** Whether `address` is one of the proxies. */
export function isTrusted(address: string, proxies: BlockList | undefined): boolean {
  return isListed(address, proxies)
}

/**
 * Who the request comes from: the peer, or behind trusted proxies the last address in X-Forwarded-For that is not
 * one of them. What stands before that address was written by whoever sent it, and proves nothing. Empty when a
 * proxy wrote something that is no address: it is not the proxy that asks, and nobody knows who does.
 */
export function clientAddress(exchange: Pick<Exchange, 'peer' | 'request'>, proxies: BlockList): string {
  let client = exchange.peer
  if (!isTrusted(client, proxies)) return client
  // Every line of it: a proxy that adds a line of its own must not be outvoted by the one the client wrote.
  const line = allValues(exchange.request.headers, 'x-forwarded-for')
  if (line.trim() === '') return client
  const hops = line.split(',')
  for (let i = hops.length - 1; i >= 0; i--) {
    const hop = withoutPort(hops[i]?.trim() ?? '')
    if (isIP(hop) === 0) return ''
    client = hop
    if (!isTrusted(hop, proxies)) return client
  }
  return client
}

const [X, F] = [120, 102]

/** Written anew for every upstream (`requestHeaders`). */
const REPLACED: ReadonlySet<string> = new Set(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])

/**
 * Drops what a stranger says of the way of its request in X-Forwarded-Port, -Prefix, -Ssl, -Client-Cert and the like: servers make
 * links of some and believe others, and Sluice has nothing to put in their place. To be done on arrival, as a policy may write them.
 */
export function dropStrangersForwarding(list: HeaderList): void {
  for (let i = list.length - 2; i >= 0; i -= 2) {
    const name = list[i] ?? ''
    if (codeAt(name, 0) !== X || codeAt(name, 2) !== F) continue // a regular expression takes its time to begin
    // Many servers take an underscore for a hyphen.
    if (!/^x[-_]forwarded[-_]/.test(name) || REPLACED.has(name)) continue
    removeHeader(list, name)
    i = Math.min(i, list.length)
  }
}

/** Some proxies write the port too: 192.0.2.7:4711, [2001:db8::7]:4711. */
function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::[0-9]+)?$/.exec(hop)
  if (bracketed !== null) return bracketed[1] ?? ''
  return /^[0-9.]+:[0-9]+$/.test(hop) ? hop.slice(0, hop.indexOf(':')) : hop
}

/** A value of Forwarded (RFC 7239 §4) without "for" and "by", which are others for each client. As it is where its quotes do not end. */
export function withoutAddresses(forwarded: string): string {
  if (!/^[^"]*(?:"(?:[^"\\]|\\.)*"[^"]*)*$/.test(forwarded)) return forwarded
  return forwarded.replace(/([^\s=;,"]+)=("(?:[^"\\]|\\.)*"|[^;,]*)/g, (pair, name: string) =>
    /^(?:for|by)$/i.test(name) ? '' : pair
  )
}
