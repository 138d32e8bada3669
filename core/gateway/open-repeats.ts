import type { RouteConfig } from '../config/resolve.js'
import type { Exchange } from './exchange.js'
import { responseHeaders } from './forward.js'
import { Repeats } from './repeats.js'
import type { Route, Snapshot } from './snapshot.js'
import { clientAddress } from './trusted.js'

/**
 * Headers that change nothing about a stored reply but which variant of it is taken, which is looked up each time: unless a route is
 * chosen by them. All others have to be the same for a request to be the same.
 */
const PASSIVE = [
  'accept',
  'accept-encoding',
  'accept-language',
  'baggage',
  'dnt',
  'forwarded',
  'origin',
  'priority',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'traceparent',
  'tracestate',
  'user-agent',
  'via',
  'x-correlation-id',
  'x-forwarded-for',
  'x-real-ip',
  'x-request-id'
]

/** @returns undefined where no request could be the same as another */
export function openRepeats(
  routes: readonly { readonly config: RouteConfig; readonly route: Route }[],
  { recorder, certificateHeaders, trustedProxies }: Pick<Snapshot, 'recorder' | 'certificateHeaders' | 'trustedProxies'>
): Repeats<Route> | undefined {
  if (recorder !== undefined || certificateHeaders) return undefined
  const plain = routes.filter(({ config, route }) => isPlain(config, route)).map(({ route }) => route)
  if (plain.length === 0) return undefined
  const passive = new Set(PASSIVE)
  if (trustedProxies !== undefined) passive.delete('forwarded') // of those it goes on, and links are made of it
  for (const { config } of routes) for (const name of chosenBy(config)) passive.delete(name)
  const clientOf =
    trustedProxies && ((exchange: Pick<Exchange, 'peer' | 'request'>) => clientAddress(exchange, trustedProxies))
  return new Repeats(new Set(plain), passive, clientOf, responseHeaders)
}

/** Whether nothing but the request, and what is stored, decides about the replies of a route. */
function isPlain({ match }: RouteConfig, route: Route): boolean {
  const { cache, ownReply, notes, timing, ai, policies } = route
  const does = ownReply ?? notes ?? timing ?? ai
  return cache?.narrows === false && does === undefined && policies.length === 0 && (match.weight ?? 0) === 0
}

/** The headers by which a route is told from others. */
function chosenBy({ match: { conditions, version } }: RouteConfig): string[] {
  const names = conditions.filter(({ of }) => of === 'header').map(({ name }) => name)
  if (version?.by.kind === 'header') names.push(version.by.name)
  if (version?.by.kind === 'mediaType') names.push('accept')
  return names
}
