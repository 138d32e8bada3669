import { Buffer } from 'node:buffer'
import { EMPTY_BODY, UNMEASURED_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { type HeaderList, removeHeader, setHeader } from '../base/headers.js'
import type { PhaseHook } from '../base/hooks.js'
import { forbidsBody, type Reply } from '../base/http.js'
import { applyEdits } from '../plugin-host/edits.js'
import { codings, collect, decoded } from './collect.js'
import type { Exchange } from './exchange.js'
import { type Phase, runPhase } from './phase.js'
import type { PhaseStep, PolicyHost, Route, Snapshot } from './snapshot.js'
import type { Told } from './view.js'

/**
 * The request phases: heads first, then, when a policy of the route reads it, the whole body. Nothing is forwarded
 * before they end.
 * @returns the reply of a policy that answered by itself
 * @throws GatewayError GW_PLUGIN_*, GW_BODY_*
 */
export function onRequest(route: Route, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> | undefined {
  const { on_request: heads, on_request_body: bodies } = route.phases
  if (bodies.length > 0) return requestPhases(route, exchange, host)
  return heads.length === 0 ? undefined : runPhase(phase('on_request', heads), exchange, host)
}

async function requestPhases(route: Route, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> {
  const { on_request: heads, on_request_body: bodies } = route.phases
  if (heads.length > 0) {
    const early = await runPhase(phase('on_request', heads), exchange, host)
    if (early !== undefined) return early
  }
  const { request } = exchange
  const limit = route.limits.bufferedBodyBytes
  const raw = await collect(exchange.body, limit, 'GW_BODY_TOO_LARGE')
  exchange.body = raw
  const plain = await uncoded(raw, request.headers, limit, REQUEST_CODES)
  const early = await runPhase(phase('on_request_body', bodies, {}, plain), exchange, host)
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
    const early = await runPhase(phase('on_response', heads, { reply }), exchange, host)
    if (early !== undefined) return replaced(reply, early)
  }
  if (bodies.length === 0) return reply
  if (reply.status === 304) return unmeasured(reply)
  if (forbidsBody(reply.status)) return reply
  if (exchange.request.method === 'HEAD') return unmeasured(reply)
  // Whoever asks for a body in parts must not get it past the policies: nobody asked for one (`askForWhole`).
  if (reply.status === 206) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', 'a part (206) that was not asked for')
  const limit = route.limits.bufferedBodyBytes
  const source = reply.body
  const raw = await collect(source, limit, 'GW_UPSTREAM_BODY_TOO_LARGE')
  reply.trailers ??= Buffer.isBuffer(source) ? undefined : source.trailers
  reply.body = raw
  const plain = await uncoded(raw, reply.headers, limit, RESPONSE_CODES)
  const early = await runPhase(phase('on_response_body', bodies, { reply }, plain), exchange, host)
  if (reply.body !== raw) dropDescriptions(reply.headers)
  return early === undefined ? reply : replaced(reply, early)
}

/**
 * The phase of an exchange that failed: a policy may change the reply, or make another. Never rejects: a policy that fails
 * here leaves the reply as it is.
 */
export async function onError(exchange: Exchange, error: GatewayError, reply: Reply, host: PolicyHost): Promise<Reply> {
  const steps = exchange.route?.phases.on_error ?? []
  if (steps.length === 0) return reply
  const { blame, retryable } = error.spec
  try {
    const told = { reply, code: error.code, error: { blame, retryable } }
    return (await runPhase(phase('on_error', steps, told), exchange, host)) ?? reply
  } catch {
    return reply // the log has it
  }
}

/** The phase after an exchange, for policies that keep accounts of it. Nobody waits for it; never throws. */
export function afterwards(exchange: Exchange, host: PolicyHost & Pick<Snapshot, 'background'>): void {
  const logs = (exchange.route?.phases.on_log.length ?? 0) > 0
  const logged = logs ? onLog(exchange, ended(exchange), host) : undefined
  const work = host.recorder === undefined ? logged : host.recorder.keep(exchange, logged)
  if (work !== undefined) host.background.add(work)
}

/** Calls on_log of the policies of an exchange that is over. Never rejects. */
export async function onLog(exchange: Exchange, told: Told, host: PolicyHost): Promise<void> {
  try {
    await runPhase(phase('on_log', exchange.route?.phases.on_log ?? [], told), exchange, host)
  } catch {
    // the log has it
  }
}

/** What on_log is told of how an exchange ended. */
function ended(exchange: Exchange): Told {
  const { cutShort, error } = exchange
  return {
    reply: { status: exchange.status, headers: exchange.sentHeaders ?? [], body: EMPTY_BODY },
    code: error?.code ?? (cutShort === 'client-gone' ? 'GW_CLIENT_GONE' : (cutShort?.code ?? '')),
    log: {
      durationUs: Math.round((performance.now() - exchange.startedAt) * 1_000),
      bytesIn: exchange.incoming.received,
      bytesOut: exchange.bytesOut,
      target: exchange.target
    }
  }
}

function phase(hook: PhaseHook, steps: readonly PhaseStep[], told: Told = {}, body: Buffer = EMPTY_BODY): Phase {
  return { hook, steps, told, body }
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

/** A reply to HEAD, or that nothing changed: how long the body is that policies would make of the one it stands for is not known. */
function unmeasured(reply: Reply): Reply {
  if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
  reply.body = UNMEASURED_BODY
  return reply
}

/** A policy answers in the upstream's place: what the upstream still sends is not wanted. */
function replaced(reply: Reply, early: Reply): Reply {
  if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
  reply.upgraded?.cancel()
  return early
}

/** Makes a request one for the whole body, uncoded, so that the policies that read it can. */
export function askForWhole(headers: HeaderList): void {
  removeHeader(headers, 'range')
  removeHeader(headers, 'if-range')
  setHeader(headers, 'accept-encoding', 'identity')
}

/** A body that was written anew is no longer what these describe. */
function dropDescriptions(headers: HeaderList): void {
  for (const name of ['content-encoding', 'etag', 'content-md5', 'digest', 'content-digest', 'accept-ranges']) {
    removeHeader(headers, name)
  }
}
