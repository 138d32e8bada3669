import type { HeaderList } from '../base/headers.js'
import type { Reply } from '../base/http.js'
import { RequestInput, ResponseInput } from '../plugin-host/abi.js'
import type { Binding, PhaseHook } from '../plugin-host/binding.js'
import { allows, type NameSet } from '../plugin-host/permissions.js'
import type { Exchange } from './exchange.js'
import type { PhaseStep } from './snapshot.js'

/** Gives each binding that has `hook` its step, in the order of the policies. */
function phaseSteps(policies: readonly Binding[], hook: PhaseHook): PhaseStep[] {
  const views: string[] = []
  return policies.flatMap((binding, place): PhaseStep[] => {
    if (!binding.hooks.includes(hook)) return []
    const key = `${viewKey(binding.grants.requestHeaders.read)}/${viewKey(binding.grants.responseHeaders.read)}`
    const known = views.indexOf(key)
    return [{ binding, place, view: known === -1 ? views.push(key) - 1 : known }]
  })
}

function viewKey(set: NameSet): string {
  return JSON.stringify([set.all, ...[...set.names].sort()])
}

/** Every phase of a route with these policies. */
export function phasesOf(policies: readonly Binding[]): Record<PhaseHook, readonly PhaseStep[]> {
  return {
    on_request: phaseSteps(policies, 'on_request'),
    on_request_body: phaseSteps(policies, 'on_request_body'),
    on_response: phaseSteps(policies, 'on_response'),
    on_response_body: phaseSteps(policies, 'on_response_body')
  }
}

/** The encoded input of each step: what its plugin may see of the exchange, no more. */
export function phaseInputs(steps: readonly PhaseStep[], exchange: Exchange, reply: Reply | undefined): Uint8Array[] {
  const now = Date.now()
  const shared: Uint8Array[] = []
  return steps.map(({ binding, place, view }) => {
    const state = exchange.states?.[place]
    if (state !== undefined) return encode(binding, exchange, reply, now, state)
    const known = shared[view]
    if (known !== undefined) return known
    const bytes = encode(binding, exchange, reply, now, undefined)
    shared[view] = bytes
    return bytes
  })
}

function encode(
  binding: Binding,
  exchange: Exchange,
  reply: Reply | undefined,
  now: number,
  state: Buffer | undefined
): Uint8Array {
  const { request, route } = exchange
  const context = {
    exchangeId: exchange.id,
    route: route?.name,
    upstream: exchange.upstream,
    consumer: exchange.consumer,
    params: exchange.params,
    tags: exchange.tags,
    state,
    nowMs: now
  }
  const seen = {
    method: request.method,
    scheme: request.scheme,
    host: request.host,
    path: request.path,
    query: request.query,
    headers: readable(request.headers, binding.grants.requestHeaders.read),
    clientIp: exchange.clientIp
  }
  if (reply === undefined) return RequestInput.encode({ context, request: seen }).finish()
  const response = { status: reply.status, headers: readable(reply.headers, binding.grants.responseHeaders.read) }
  return ResponseInput.encode({ context, request: seen, response }).finish()
}

function readable(headers: HeaderList, granted: NameSet): HeaderList {
  const list: HeaderList = []
  if (!granted.all && granted.names.size === 0) return list
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]
    const value = headers[i + 1]
    if (name !== undefined && value !== undefined && allows(granted, name)) list.push(name, value)
  }
  return list
}
