import type { HeaderList } from '../base/headers.js'
import { type AiHook, INPUT_FIELDS, type InputField, type PhaseHook } from '../base/hooks.js'
import type { Reply } from '../base/http.js'
import { EffectAnswer } from '../plugin-host/abi.js'
import type { Binding } from '../plugin-host/binding.js'
import type { Breaker } from '../plugin-host/breaker.js'
import { InputWriter } from '../plugin-host/input-writer.js'
import { allows, mayRead, type NameSet } from '../plugin-host/permissions.js'
import type { Answered } from './effects.js'
import type { Exchange } from './exchange.js'
import type { PhaseStep, Wants } from './snapshot.js'

/** Every phase of a route with these policies. */
export function phasesOf(
  policies: readonly Binding[],
  breakerOf: (binding: Binding) => Breaker
): Record<PhaseHook, readonly PhaseStep[]> {
  const steps = (hook: PhaseHook): PhaseStep[] => phaseSteps(policies, hook, breakerOf)
  return {
    on_request: steps('on_request'),
    on_request_body: steps('on_request_body'),
    on_response: steps('on_response'),
    on_response_body: steps('on_response_body'),
    on_error: steps('on_error'),
    on_log: steps('on_log'),
    on_tick: steps('on_tick'),
    on_prompt: steps('on_prompt'),
    on_delta: steps('on_delta'),
    on_tool_call: steps('on_tool_call'),
    on_completion: steps('on_completion'),
    on_usage: steps('on_usage')
  }
}

/** Gives each binding that has `hook` its step, in the order of the policies. */
function phaseSteps(
  policies: readonly Binding[],
  hook: PhaseHook,
  breakerOf: (binding: Binding) => Breaker
): PhaseStep[] {
  const views: string[] = []
  return policies.flatMap((binding, place): PhaseStep[] => {
    if (!binding.hooks.includes(hook)) return []
    const key = viewKey(binding)
    const known = views.indexOf(key)
    const view = known === -1 ? views.push(key) - 1 : known
    return [{ binding, place, view, wants: wanted(binding), breaker: breakerOf(binding) }]
  })
}

function viewKey({ grants, input }: Binding): string {
  const { requestHeaders, responseHeaders, bag } = grants
  const names = ({ read }: { read: NameSet }) => [read.all, ...[...read.names].sort()]
  return JSON.stringify([names(requestHeaders), names(responseHeaders), bag, [...input].sort()])
}

const OF_REQUEST: readonly InputField[] = ['method', 'scheme', 'host', 'path', 'query', 'clientIp']

/** Written out, so that all of them have one shape: put together from a list, each look-up took ten times as long. */
function wanted({ input, grants }: Binding): Wants {
  const { read } = grants.requestHeaders
  return {
    exchangeId: input.includes('exchangeId'),
    route: input.includes('route'),
    upstream: input.includes('upstream'),
    consumer: input.includes('consumer'),
    params: input.includes('params'),
    tags: input.includes('tags'),
    nowMs: input.includes('nowMs'),
    method: input.includes('method'),
    scheme: input.includes('scheme'),
    host: input.includes('host'),
    path: input.includes('path'),
    query: input.includes('query'),
    clientIp: input.includes('clientIp'),
    request: read.all || read.names.size > 0 || OF_REQUEST.some(field => input.includes(field)),
    context: INPUT_FIELDS.some(field => input.includes(field) && !OF_REQUEST.includes(field)),
    requestHeaders: read,
    responseHeaders: grants.responseHeaders.read,
    bag: grants.bag
  }
}

/** What an input tells beside the exchange itself. */
export interface Told {
  readonly reply?: Reply | undefined
  /** on_error and on_log: the code it ended with. */
  readonly code?: string
  readonly error?: { readonly blame: string; readonly retryable: boolean } | undefined
  readonly log?: {
    readonly durationUs: number
    readonly bytesIn: number
    readonly bytesOut: number
    readonly target: string
  }
}

/** The encoded input of each step: what its plugin may see of the exchange, no more. */
export function phaseInputs(
  hook: PhaseHook,
  steps: readonly PhaseStep[],
  exchange: Exchange,
  told: Told
): Uint8Array[] {
  const inputs: Uint8Array[] = []
  let now = 0
  const shared: Uint8Array[] = []
  for (const step of steps) {
    if (now === 0 && step.wants.nowMs) now = nowFor(steps[0]?.binding) // the same for all
    const state = exchange.states?.[step.place]
    const bytes =
      (state === undefined ? shared[step.view] : undefined) ?? encode(hook, step, exchange, told, now, state)
    if (state === undefined) shared[step.view] = bytes
    inputs.push(bytes)
  }
  return inputs
}

/** The input of on_effect: what the hook that asked got, as it is now, and the answers. */
export function effectInput(
  hook: PhaseHook,
  step: PhaseStep,
  exchange: Exchange,
  told: Told,
  answers: readonly Answered[]
): Uint8Array {
  beginInput(step, exchange, told, nowFor(step.binding), exchange.states?.[step.place])
  writer.text(5, hook)
  for (const answer of answers) writer.bytes(6, EffectAnswer.encode(answer).finish())
  return writer.finish()
}

/**
 * The input of an AI hook.
 * @param rest - the encoded fields that come after the context, and after the request where the hook is told of it
 */
export function aiInput(hook: AiHook, step: PhaseStep, exchange: Exchange, rest: Uint8Array): Uint8Array {
  writer.begin()
  writeContext(step, exchange, nowFor(step.binding), exchange.states?.[step.place])
  if (hook === 'on_prompt') writeRequest(step, exchange)
  writer.raw(rest)
  return writer.finish()
}

/** The fields of AiEffectInput by hook, each of which is the input of one. */
const ASKED_FIELDS = { on_prompt: 3, on_delta: 4, on_tool_call: 5, on_completion: 6 } as const

/**
 * The input of on_ai_effect.
 * @param asked - the input of the hook that asked, as it is now
 */
export function aiEffectInput(hook: AiHook, asked: Uint8Array, answers: readonly Answered[]): Uint8Array {
  if (hook === 'on_usage') throw new TypeError('nobody waits for what on_usage asks for') // its verdict was refused
  writer.begin()
  writer.text(1, hook)
  for (const answer of answers) writer.bytes(2, EffectAnswer.encode(answer).finish())
  writer.bytes(ASKED_FIELDS[hook], asked)
  return writer.finish()
}

/** Unix milliseconds: cases set the clock. */
export function nowFor(binding: Pick<Binding, 'script'> | undefined): number {
  return binding?.script?.clock?.[0] ?? Date.now()
}

const writer = new InputWriter()

/** The fields' numbers are those of policy.proto; context, request and response have the same in every input. */
function encode(
  hook: PhaseHook,
  step: PhaseStep,
  exchange: Exchange,
  told: Told,
  now: number,
  state: Buffer | undefined
): Uint8Array {
  beginInput(step, exchange, told, now, state)
  if (hook === 'on_error') {
    writer.text(5, told.code ?? '')
    writer.text(6, told.error?.blame ?? '')
    writer.number(7, told.error?.retryable === true ? 1 : 0)
  } else if (hook === 'on_log') {
    writer.text(5, told.code ?? '')
    writer.number(6, told.log?.durationUs ?? 0)
    writer.number(7, told.log?.bytesIn ?? 0)
    writer.number(8, told.log?.bytesOut ?? 0)
    writer.text(9, told.log?.target ?? '')
  }
  return writer.finish()
}

function beginInput(step: PhaseStep, exchange: Exchange, told: Told, now: number, state: Buffer | undefined): void {
  writer.begin()
  writeContext(step, exchange, now, state)
  writeRequest(step, exchange)
  if (told.reply === undefined) return
  const from = writer.open(4)
  writer.number(1, told.reply.status)
  writeHeaders(2, told.reply.headers, step.wants.responseHeaders)
  writer.close(from)
}

function writeContext({ wants }: PhaseStep, exchange: Exchange, now: number, state: Buffer | undefined): void {
  const { bag } = exchange
  if (!wants.context && state === undefined && bag === undefined) return
  const from = writer.open(1)
  if (wants.exchangeId) writer.text(1, exchange.id)
  if (wants.route && exchange.route !== undefined) writer.text(2, exchange.route.name)
  if (wants.upstream) writer.text(3, exchange.upstream)
  if (wants.consumer) writer.text(4, exchange.consumer)
  if (wants.params) writer.texts(5, exchange.params)
  if (wants.tags) writer.texts(6, exchange.tags)
  if (state !== undefined) writer.bytes(7, state)
  if (wants.nowMs) writer.number(8, now)
  if (bag !== undefined) writer.texts(9, readableBag(bag, wants.bag))
  writer.close(from)
}

function writeRequest({ wants }: PhaseStep, { request, clientIp }: Exchange): void {
  if (!wants.request) return
  const from = writer.open(2)
  if (wants.method) writer.text(1, request.method)
  if (wants.scheme) writer.text(2, request.scheme)
  if (wants.host) writer.text(3, request.host)
  if (wants.path) writer.text(4, request.path)
  if (wants.query) writer.text(5, request.query)
  writeHeaders(6, request.headers, wants.requestHeaders)
  if (wants.clientIp) writer.text(7, clientIp)
  writer.close(from)
}

function writeHeaders(field: number, headers: HeaderList, granted: NameSet): void {
  if (!granted.all && granted.names.size === 0) return
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (!allows(granted, name)) continue
    writer.element(field, name)
    writer.element(field, headers[i + 1] ?? '')
  }
}

function readableBag(bag: HeaderList, granted: readonly string[]): HeaderList {
  const list: HeaderList = []
  if (granted.length === 0) return list
  for (let i = 0; i < bag.length; i += 2) {
    const name = bag[i] ?? ''
    if (mayRead(granted, name)) list.push(name, bag[i + 1] ?? '')
  }
  return list
}
