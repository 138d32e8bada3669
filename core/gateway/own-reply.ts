import { Buffer } from 'node:buffer'
import { EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { hostName } from '../base/host-name.js'
import type { Reply } from '../base/http.js'
import { hasDotSegment } from '../base/request-target.js'
import type { RedirectConfig, ReplyConfig } from '../config/resolve-actions.js'
import type { MatchConfig } from '../config/resolve-match.js'
import { type Routed, segmentsBefore, valuesOf } from './rewrite.js'
import { fill } from './template.js'

/** A reply that needs no upstream. */
export type OwnReply = (exchange: Routed) => Reply

/** A name, or an IPv6 address: with nothing there, or what ends a host, the path would be taken for one. */
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/

/** A redirect (RFC 9110 §15.4), without a body: nobody reads one. */
export function redirectReply(redirect: RedirectConfig, match: MatchConfig): OwnReply {
  const segments = segmentsBefore(match)
  const { status, keepQuery } = redirect
  const toHost = redirect.origin.some(part => typeof part !== 'string')
  return exchange => {
    const { query } = exchange.request
    const values = valuesOf(exchange, segments, hostName(exchange.request.host))
    if (toHost && !HOST.test(values.host)) throw bad('the Host header is no name to redirect to')
    const origin = fill(redirect.origin, values, 'host')
    const path = fill(redirect.path, values, 'path')
    if (hasDotSegment(path)) throw bad(`the path's parameters make ${path}, which leads elsewhere`)
    const own = fill(redirect.query, values, 'query')
    const kept = keepQuery && query !== '' ? `${own === '' ? '?' : '&'}${asUri(query)}` : ''
    const location = origin + asUri(path) + own + kept + fill(redirect.fragment, values, 'query')
    return { status, headers: ['location', location], body: EMPTY_BODY }
  }
}

function bad(message: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', message)
}

/** The listener lets some characters pass that a URI has percent-encoded (RFC 3986 §3.3 and §3.4). */
function asUri(text: string): string {
  return text.replace(/[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]/g, character => encodeURIComponent(character))
}

/** The same reply each time. Its headers are a list of its own: policies change it. */
export function fixedReply({ status, headers, body }: ReplyConfig): OwnReply {
  const list = headers.flat()
  const bytes = Buffer.from(body)
  return () => ({ status, headers: [...list], body: bytes })
}
