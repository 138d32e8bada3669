import { milliseconds } from '../base/units.js'
import type { Timeouts } from './schema-upstream.js'

export interface UpstreamTimeouts extends RouteTimeouts {
  readonly connectMs: number
}

export interface RouteTimeouts {
  readonly headersMs: number
  readonly idleMs: number
  /** Left out, these two: any time. */
  readonly totalMs?: number
  readonly perTryMs?: number
}

/** Timeouts of one upstream: its own, else those of all. */
export function upstreamTimeouts(own: Timeouts | undefined, global: UpstreamTimeouts): UpstreamTimeouts {
  const { connect, headers, idle } = own ?? {}
  return {
    ...global,
    connectMs: connect === undefined ? global.connectMs : milliseconds(connect),
    headersMs: headers === undefined ? global.headersMs : milliseconds(headers),
    idleMs: idle === undefined ? global.idleMs : milliseconds(idle),
    ...limitsOf(own)
  }
}

export function limitsOf({
  total,
  perTry
}: {
  total?: string
  perTry?: string
} = {}): Pick<RouteTimeouts, 'totalMs' | 'perTryMs'> {
  return {
    ...(total !== undefined && { totalMs: milliseconds(total) }),
    ...(perTry !== undefined && { perTryMs: milliseconds(perTry) })
  }
}
