import type { RouteConfig } from '../config/resolve.js'
import { deprecationHeaders, gate } from './deprecation.js'
import { fixedReply, redirectReply } from './own-reply.js'
import { compileRewrite } from './rewrite.js'
import type { Route } from './snapshot.js'
import { varyOf } from './versions.js'

/**
 * What a route does beside sending its requests on; all undefined for one that does nothing else.
 * @param now - milliseconds since 1970
 */
export function routeParts(
  config: Pick<RouteConfig, 'match' | 'rewrite' | 'redirect' | 'reply' | 'deprecation'>,
  now: () => number = () => Date.now()
): Pick<Route, 'rewrite' | 'ownReply' | 'notes'> {
  const { match, rewrite } = config
  return {
    rewrite: rewrite && compileRewrite(rewrite, match),
    ownReply: ownReplyOf(config, now),
    notes: notesOf(config)
  }
}

function ownReplyOf(
  { match, redirect, reply, deprecation }: Parameters<typeof routeParts>[0],
  now: () => number
): Route['ownReply'] {
  const own = (redirect && redirectReply(redirect, match)) ?? (reply && fixedReply(reply))
  if (deprecation === undefined) return own
  const open = gate(deprecation, now)
  return exchange => {
    open()
    return own?.(exchange)
  }
}

function notesOf({ match, deprecation }: Parameters<typeof routeParts>[0]): Route['notes'] {
  const vary = match.version && varyOf(match.version.by)
  const notes = [...(vary === undefined ? [] : ['vary', vary]), ...(deprecation ? deprecationHeaders(deprecation) : [])]
  return notes.length === 0 ? undefined : notes
}
