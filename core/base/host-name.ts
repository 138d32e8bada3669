/** The name in a Host value: no port, lower case, no trailing dot; an IPv6 literal in brackets, in its usual form. */
export function hostName(host: string): string {
  const colon = portColon(host)
  const name = colon === -1 ? host : host.slice(0, colon)
  if (name.startsWith('[')) return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
}

/** The port in a Host value; undefined: there is none, or nothing behind its colon. */
export function hostPort(host: string): number | undefined {
  const colon = portColon(host)
  const digits = colon === -1 ? '' : host.slice(colon + 1)
  return /^[0-9]+$/.test(digits) ? Number(digits) : undefined
}

/** Where the colon before the port is; an IPv6 literal has others. */
function portColon(host: string): number {
  const colon = host.lastIndexOf(':')
  return colon > host.lastIndexOf(']') ? colon : -1
}
