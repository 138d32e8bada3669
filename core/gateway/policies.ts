import { Buffer } from 'node:buffer'
import { EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { type HeaderList, removeHeader } from '../base/headers.js'
import type { Reply } from '../base/http.js'
import { type PluginReply, Verdict } from '../plugin-host/abi.js'
import { ENTRY, type Entry } from '../plugin-host/arena.js'
import type { PhaseHook } from '../plugin-host/binding.js'
import { applyEdits } from '../plugin-host/edits.js'
import { decodeFault } from '../plugin-host/fault.js'
import { hostEdits } from '../plugin-host/verdict.js'
import { codings, collect, decoded } from './collect.js'
import type { Exchange } from './exchange.js'
import type { PhaseStep, PolicyHost, Route } from './snapshot.js'
import { phaseInputs } from './view.js'

/**
 * The request phases: heads first, then, when a policy of the route reads it, the whole body. Nothing is forwarded
 * before they end.
 * @returns the reply of a policy that answered by itself
 * @throws GatewayError GW_PLUGIN_*, GW_BODY_*
 */
export function onRequest(route: Route, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> | undefined {
  const { on_request: heads, on_request_body: bodies } = route.phases
  if (bodies.length > 0) return requestPhases(route, exchange, host)
  return heads.length === 0 ? undefined : runPhase('on_request', heads, exchange, host, undefined, EMPTY_BODY)
}

async function requestPhases(route: Route, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> {
  const { on_request: heads, on_request_body: bodies } = route.phases
  if (heads.length > 0) {
    const early = await runPhase('on_request', heads, exchange, host, undefined, EMPTY_BODY)
    if (early !== undefined) return early
  }
  const { request } = exchange
  const limit = route.limits.bufferedBodyBytes
  const raw = await collect(exchange.body, limit, 'GW_BODY_TOO_LARGE')
  exchange.body = raw
  const plain = await uncoded(raw, request.headers, limit, REQUEST_CODES)
  const early = await runPhase('on_request_body', bodies, exchange, host, undefined, plain)
  if (exchange.body !== raw) dropDescriptions(request.headers)
  return early
}

/**
 * The response phases, for the policies that subscribe to them.
 * @throws GatewayError GW_PLUGIN_*, GW_UPSTREAM_BODY_TOO_LARGE, GW_UPSTREAM_BAD_RESPONSE
 */
export function onResponse(route: Route, exchange: Exchange, reply: Reply, host: PolicyHost): Promise<Reply> | Reply {
  if (exchange.responseEdits !== undefined) applyEdits(reply.headers, exchange.responseEdits)
  const { on_response: heads, on_response_body: bodies } = route.phases
  return heads.length + bodies.length === 0 ? reply : responsePhases(route, exchange, reply, host)
}

async function responsePhases(route: Route, exchange: Exchange, reply: Reply, host: PolicyHost): Promise<Reply> {
  const { on_response: heads, on_response_body: bodies } = route.phases
  if (heads.length > 0) {
    const early = await runPhase('on_response', heads, exchange, host, reply, EMPTY_BODY)
    if (early !== undefined) return replaced(reply, early)
  }
  if (bodies.length === 0) return reply
  const limit = route.limits.bufferedBodyBytes
  const raw = await collect(reply.body, limit, 'GW_UPSTREAM_BODY_TOO_LARGE')
  reply.body = raw
  const plain = await uncoded(raw, reply.headers, limit, RESPONSE_CODES)
  const early = await runPhase('on_response_body', bodies, exchange, host, reply, plain)
  if (reply.body !== raw) dropDescriptions(reply.headers)
  return early === undefined ? reply : replaced(reply, early)
}

/** What a body is refused with when it is too large, or its coding cannot be undone. */
type BodyCodes = Parameters<typeof decoded>[3]
const REQUEST_CODES: BodyCodes = { tooLarge: 'GW_BODY_TOO_LARGE', unreadable: 'GW_BODY_ENCODING' }
const RESPONSE_CODES: BodyCodes = { tooLarge: 'GW_UPSTREAM_BODY_TOO_LARGE', unreadable: 'GW_UPSTREAM_BAD_RESPONSE' }
/** Nobody has use for more, and each is work the sender does not have. */
const MAX_CODINGS = 4

/** The body as the policies get it. */
function uncoded(raw: Buffer, headers: HeaderList, limit: number, codes: BodyCodes): Promise<Buffer> | Buffer {
  const applied = raw.length === 0 ? [] : codings(headers)
  if (applied.length === 0) return raw
  if (applied.length > MAX_CODINGS)
    throw new GatewayError(codes.unreadable, `${applied.length} content codings in a row`)
  return decoded(raw, applied, limit, codes)
}

async function runPhase(
  hook: PhaseHook,
  steps: readonly PhaseStep[],
  exchange: Exchange,
  host: PolicyHost,
  reply: Reply | undefined,
  body: Buffer
): Promise<Reply | undefined> {
  const inputs = phaseInputs(steps, exchange, reply)
  const call = {
    hook,
    steps: steps.map((step, i) => ({ binding: step.binding.index, input: inputs[i] ?? EMPTY_BODY })),
    body
  }
  const entries = await host.plugins.run(call)
  if (entries.length === 0) return undefined
  return take(entries, steps, exchange, reply, host)
}

/** Applies what the plugins answered, in order. The verdicts were checked on their thread. */
function take(
  entries: readonly Entry[],
  steps: readonly PhaseStep[],
  exchange: Exchange,
  reply: Reply | undefined,
  host: PolicyHost
): Reply | undefined {
  for (const { kind, binding, bytes } of entries) {
    const step = steps.find(each => each.binding.index === binding)
    if (step === undefined) continue
    if (kind === ENTRY.log) {
      host.log.plugin(step.binding, exchange, bytes)
    } else if (kind === ENTRY.fault) {
      const fault = decodeFault(bytes)
      host.log.fault(step.binding, exchange, fault)
      if (step.binding.failure === 'open') continue
      const code = fault.reason === 'timeout' ? 'GW_PLUGIN_TIMEOUT' : 'GW_PLUGIN_FAILED'
      throw new GatewayError(code, `${step.binding.where} (${step.binding.plugin}): ${fault.message}`, { cause: fault })
    } else {
      const verdict = Verdict.decode(bytes)
      if (reply === undefined) applyToRequest(verdict, step, exchange)
      else applyToReply(verdict, step, exchange, reply)
      if (verdict.reply !== null) return policyReply(verdict.reply)
    }
  }
  return undefined
}

function applyToRequest(verdict: Verdict, step: PhaseStep, exchange: Exchange): void {
  const { request } = exchange
  applyEdits(request.headers, hostEdits(verdict.headers))
  if (verdict.responseHeaders.length > 0) {
    exchange.responseEdits ??= []
    exchange.responseEdits.push(...hostEdits(verdict.responseHeaders))
  }
  if (verdict.method !== null) request.method = verdict.method
  if (verdict.path !== null) request.path = verdict.path
  if (verdict.query !== null) request.query = verdict.query
  if (verdict.upstream !== null) exchange.upstream = verdict.upstream
  if (verdict.body !== null) exchange.body = Buffer.from(verdict.body)
  if (verdict.consumer !== null) exchange.consumer = verdict.consumer
  keep(verdict, step, exchange)
}

function applyToReply(verdict: Verdict, step: PhaseStep, exchange: Exchange, reply: Reply): void {
  applyEdits(reply.headers, hostEdits(verdict.headers))
  if (verdict.status !== null) reply.status = verdict.status
  if (verdict.body !== null) {
    if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
    reply.body = Buffer.from(verdict.body)
  }
  keep(verdict, step, exchange)
}

function keep(verdict: Verdict, step: PhaseStep, exchange: Exchange): void {
  if (verdict.tags.length > 0) exchange.tags.push(...verdict.tags)
  if (verdict.state === null) return
  exchange.states ??= []
  exchange.states[step.place] = Buffer.from(verdict.state)
}

function policyReply(reply: PluginReply): Reply {
  return { status: reply.status, headers: reply.headers, body: Buffer.from(reply.body) }
}

/** A policy answers in the upstream's place: what the upstream still sends is not wanted. */
function replaced(reply: Reply, early: Reply): Reply {
  if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
  return early
}

/** A body that was written anew is no longer what these describe. */
function dropDescriptions(headers: HeaderList): void {
  for (const name of ['content-encoding', 'etag', 'content-md5', 'digest', 'content-digest', 'accept-ranges']) {
    removeHeader(headers, name)
  }
}
