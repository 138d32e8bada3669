const EXPECTED = 'expected http:// or https://, a host and maybe a port'

/** One address of an upstream. */
export interface Target {
  /** Scheme, host and port as the HTTP client takes them: `http://127.0.0.1:9000`. */
  readonly origin: string
  readonly secure: boolean
  readonly host: string
  readonly port: number
}

/** Takes an address apart; undefined when it cannot be one. */
export function parseTarget(text: string): Target | undefined {
  if (wrongTarget(text) !== undefined) return undefined
  const { origin, protocol, hostname, port } = new URL(text)
  const secure = protocol === 'https:'
  return { origin, secure, host: hostname, port: port === '' ? (secure ? 443 : 80) : Number(port) }
}

/** What is wrong with an address, or undefined. Never repeats it: it may hold a password. */
export function wrongTarget(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return `does not begin with http:// or https://; ${EXPECTED}`
  // The URL parser forgives these and would go somewhere nobody wrote down.
  if (/[\s\\]|\p{Cc}/u.test(text)) return `holds a blank, a control character or a backslash; ${EXPECTED}`
  const authority = text.replace(/^https?:\/\//i, '').replace(/[/?#].*$/, '')
  if (authority.includes('@')) return `holds a user name or password; ${EXPECTED}`
  if (text.includes('#')) return `has a fragment ("#"); ${EXPECTED}`
  if (text.includes('?')) return `has a query ("?"); ${EXPECTED}`
  if (!URL.canParse(text)) return `is not a URL; ${EXPECTED}`
  const url = new URL(text)
  if (url.pathname !== '/' || /\/\/.*\/./.test(text))
    return `has a path; ${EXPECTED} (stripPrefix of a route changes paths)`
  if (url.port === '0') return `has port 0; ${EXPECTED} from 1 to 65535`
  return undefined
}

/** What is wrong with the address below which an API stands, which may have a path; or undefined. Never repeats it. */
export function wrongBaseUrl(text: string): string | undefined {
  const authority = /^https?:\/\/[^/]+/i.exec(text)?.[0]
  return wrongTarget(authority ?? text) ?? wrongPath(text)
}

function wrongPath(text: string): string | undefined {
  const expected = 'expected http:// or https://, a host and maybe a port and a path'
  if (/[\s\\]|\p{Cc}/u.test(text)) return `holds a blank, a control character or a backslash; ${expected}`
  if (/[?#]/.test(text)) return `has a query or a fragment; ${expected}`
  return URL.canParse(text) ? undefined : `is not a URL; ${expected}`
}
