import type { TargetConfig } from '../config/resolve-upstream.js'

/** A target as it is configured or was discovered: where it is, and its part of the requests. */
export interface TargetSpec {
  /** Scheme, address and port: what it is known by. */
  readonly url: string
  /** Scheme, host and port as the HTTP client is told: the host is the Host header and the name TLS checks. */
  readonly origin: string
  /** The IP address to connect to instead of looking the host up; undefined: it is looked up. */
  readonly address: string | undefined
  readonly weight: number
  readonly priority: number
}

export function specOf({ origin, weight, priority }: TargetConfig): TargetSpec {
  return { url: origin, origin, address: undefined, weight, priority }
}

/** What makes two specs the same target. */
export function keyOf({ url, origin }: Pick<TargetSpec, 'url' | 'origin'>): string {
  return url === origin ? url : `${url} ${origin}`
}

/** Each target once; the first counts. */
export function distinct(specs: readonly TargetSpec[]): TargetSpec[] {
  return [...new Map([...specs].reverse().map(spec => [keyOf(spec), spec])).values()].reverse()
}
