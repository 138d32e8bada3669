import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/

/** What is wrong with the host of a route, or undefined. */
export function wrongHost(text: string): string | undefined {
  if (text === '*') return 'is every host; leave hosts out for that'
  if (text.includes('://')) return 'has a scheme; expected the host name alone'
  if (/[/?#@\s]/.test(text)) return 'has a character no host name has; expected a host name like api.example.com'
  const address = /^\[(.*)\]$/.exec(text)?.[1]
  if (address !== undefined) return isIP(address) === 6 ? undefined : 'is no IPv6 address; expected one like [::1]'
  if (isIP(text) === 6) return `is an IPv6 address without brackets; did you mean "[${text}]"?`
  if (/:\d*$/.test(text)) return 'has a port; expected the host name alone, which matches on every port'
  return wrongName(text.startsWith('*.') ? text.slice(2) : text)
}

/** What is wrong with the value of a Host header, or undefined: a name or an address, maybe with a port. */
export function wrongAuthority(text: string): string | undefined {
  const port = /:([0-9]{1,5})$/.exec(text)?.[1]
  if (port !== undefined && Number(port) > 65_535) return 'has a port that cannot be; expected 1 to 65535'
  const host = port === undefined || isIP(text) === 6 ? text : text.slice(0, -port.length - 1)
  if (host.startsWith('*')) return 'has a "*"; expected one host name'
  return wrongHost(host)
}

/** Hosts compare without case, and a Host header may spell an IPv6 address in several ways. */
export function normalHost(text: string): string {
  return text.startsWith('[') ? new URL(`http://${text}`).hostname : text.toLowerCase()
}

function wrongName(name: string): string | undefined {
  if (name.includes('*')) return 'has a "*" that is not its first label; expected one like *.example.com'
  if (/[^\0-\x7f]/.test(name)) {
    const ascii = domainToASCII(name)
    return `is not in ASCII; expected its Punycode form${ascii === '' ? '' : `; did you mean "${ascii}"?`}`
  }
  if (name.endsWith('.')) return 'ends in a dot; expected it without'
  if (name.length > 253 || !name.split('.').every(label => LABEL.test(label))) return 'is no host name'
  return undefined
}
