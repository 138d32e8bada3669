import { EMPTY_BODY } from '../base/body.js'
import type { Reply } from '../base/http.js'
import type { UpgradeRules } from '../base/upgrade.js'
import type { Cancellable, HttpTimeouts, OutgoingRequest, Reach } from '../upstream/http.js'
import { openUpgrade } from '../upstream/upgrade.js'
import type { Exchange } from './exchange.js'
import type { Route, Snapshot } from './snapshot.js'

/** The protocols a client offers that its route takes; undefined: there is none, and the request is one like any other. */
export function acceptedProtocols({ upgrade }: Route, { offered }: Exchange): readonly string[] | undefined {
  if (upgrade === undefined || offered === undefined) return undefined
  const accepted = offered.filter(each => upgrade.protocols.has(each.toLowerCase()))
  return accepted.length === 0 ? undefined : accepted
}

/** A request for another protocol on its way. */
interface Outgoing {
  readonly route: { readonly name: string }
  readonly rules: UpgradeRules
  readonly request: OutgoingRequest
  readonly timeouts: HttpTimeouts
  readonly reach: Reach
  readonly onStart: (call: Cancellable) => void
}

/**
 * Passes the request on, before the client has its answer: which protocol it becomes, if any, is for the upstream to say.
 * @returns the upstream's refusal, or a reply of status 101 with the open connection
 * @throws GatewayError GW_UPSTREAM_*, GW_CLIENT_GONE
 */
export async function openTunnel(
  protocols: readonly string[],
  { route, rules, request, timeouts, reach, onStart }: Outgoing,
  snapshot: Pick<Snapshot, 'tunnels'>
): Promise<Reply> {
  const { method, target, headers, body } = request
  const answer = await openUpgrade(reach, { method, target, headers, body, protocols }, timeouts, onStart)
  if (answer.kind === 'refused') return answer
  const { socket, protocol } = answer
  return {
    status: 101,
    headers: answer.headers,
    body: EMPTY_BODY,
    upgraded: {
      kind: 'tunnel',
      socket,
      protocol,
      limits: rules,
      counts: { bytesIn: 0, bytesOut: 0 },
      total: snapshot.tunnels?.of(route.name),
      cancel: () => socket.destroy()
    }
  }
}
