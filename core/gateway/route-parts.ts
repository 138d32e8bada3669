import type { RouteConfig } from '../config/resolve.js'
import { deprecationHeaders, gate } from './deprecation.js'
import type { DeprecationReport } from './deprecation-report.js'
import { fixedReply, redirectReply } from './own-reply.js'
import { compileRewrite } from './rewrite.js'
import type { Route } from './snapshot.js'
import { varyOf } from './versions.js'

/**
 * What a route does beside sending its requests on; all undefined for one that does nothing else.
 * @param report - hears of the calls of a deprecated one
 * @param now - milliseconds since 1970
 */
export function routeParts(
  config: Pick<RouteConfig, 'name' | 'match' | 'rewrite' | 'redirect' | 'reply' | 'deprecation'>,
  report: DeprecationReport | undefined,
  now: () => number = () => Date.now()
): Pick<Route, 'rewrite' | 'ownReply' | 'notes'> {
  const { match, rewrite } = config
  return {
    rewrite: rewrite && compileRewrite(rewrite, match),
    ownReply: ownReplyOf(config, report, now),
    notes: notesOf(config)
  }
}

function ownReplyOf(
  { name, match, redirect, reply, deprecation }: Parameters<typeof routeParts>[0],
  report: DeprecationReport | undefined,
  now: () => number
): Route['ownReply'] {
  const own = (redirect && redirectReply(redirect, match)) ?? (reply && fixedReply(reply))
  if (deprecation === undefined) return own
  const closed = gate(deprecation, now)
  return exchange => {
    const refusal = closed()
    // Policies have let it through: whom they turn away does not get here, and is nobody who would miss the route.
    report?.count(name, exchange.consumer, refusal !== undefined)
    if (refusal !== undefined) throw refusal
    return own?.(exchange)
  }
}

function notesOf({ match, deprecation }: Parameters<typeof routeParts>[0]): Route['notes'] {
  const vary = match.version && varyOf(match.version.by)
  const notes = [...(vary === undefined ? [] : ['vary', vary]), ...(deprecation ? deprecationHeaders(deprecation) : [])]
  return notes.length === 0 ? undefined : notes
}
