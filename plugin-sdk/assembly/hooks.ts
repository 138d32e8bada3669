import { beginOutput, endOutput } from './abi'
import { EffectAnswers } from './answers'
import { ErrorView, LogView, TickView } from './events'
import {
  ConfigureInputReader,
  ConfigureResultWriter,
  EffectInputReader,
  ErrorInputReader,
  LogInputReader,
  RequestInputReader,
  ResponseInputReader,
  TickInputReader
} from './gen/policy'
import { RequestView } from './request'
import { ResponseView } from './response'
import { Settings } from './settings'
import { Verdict } from './verdict'

// One call runs at a time, so one of each is enough: a call then allocates only what the policy asks for.
const configureInput = new ConfigureInputReader()
const requestInput = new RequestInputReader()
const responseInput = new ResponseInputReader()
const request = new RequestView(requestInput.context, requestInput.request, requestInput.body)
const response = new ResponseView(
  responseInput.context,
  responseInput.request,
  responseInput.response,
  responseInput.body
)

// @lazy: a plugin without the hook does not carry what it takes.
// @ts-ignore: decorator
@lazy const errorInput = new ErrorInputReader()
// @ts-ignore: decorator
@lazy const logInput = new LogInputReader()
// @ts-ignore: decorator
@lazy const tickInput = new TickInputReader()
// @ts-ignore: decorator
@lazy const effectInput = new EffectInputReader()
// @ts-ignore: decorator
@lazy const error = new ErrorView(errorInput)
// @ts-ignore: decorator
@lazy const logged = new LogView(logInput)
// @ts-ignore: decorator
@lazy const tick = new TickView(tickInput)
// @ts-ignore: decorator
@lazy const answers = new EffectAnswers(effectInput.hook, effectInput.answers)
// @ts-ignore: decorator
@lazy const askingRequest = new RequestView(effectInput.context, effectInput.request, effectInput.body)
// @ts-ignore: decorator
@lazy const askingResponse = new ResponseView(
  effectInput.context,
  effectInput.request,
  effectInput.response,
  effectInput.body
)

let inputRead: string[] | null = null

/**
 * Says, in on_configure, that with these settings the policy reads no more of an exchange than these fields (names of the
 * manifest's "input"), so that every input is smaller. Headers and bodies go by permission and do not count.
 */
export function readsOnly(fields: string[]): void {
  inputRead = fields.length == 0 ? ['none'] : fields
}

/**
 * The body of on_configure: `use` reads the settings and returns "" when they are good, or what is wrong with them
 * (for the operator). They were checked against the manifest's schema before.
 */
export function onConfigure(ptr: i32, len: i32, use: (settings: Settings) => string): i32 {
  if (!configureInput.decode(<usize>ptr, len)) malformed('ConfigureInput')
  const settings = Settings.parse(configureInput.settings.bytes)
  const result = new ConfigureResultWriter()
  result.input = []
  result.error = settings === null ? 'the settings are not a JSON object' : use(settings)
  if (inputRead !== null) result.input = inputRead!
  const output = beginOutput()
  result.encode(output)
  return endOutput()
}

/** The body of on_request: `check` sees the request without its body. */
export function onRequest(ptr: i32, len: i32, check: (request: RequestView) => Verdict): i32 {
  if (!requestInput.decode(<usize>ptr, len)) malformed('RequestInput')
  return answer(check(request))
}

/** The body of on_request_body: `check` sees the request with its whole body. */
export function onRequestBody(ptr: i32, len: i32, check: (request: RequestView) => Verdict): i32 {
  return onRequest(ptr, len, check)
}

/** The body of on_response: `check` sees the response without its body. */
export function onResponse(ptr: i32, len: i32, check: (response: ResponseView) => Verdict): i32 {
  if (!responseInput.decode(<usize>ptr, len)) malformed('ResponseInput')
  return answerToResponse(check(response))
}

/**
 * The body of on_response_body: `check` sees the response with its whole body. Replies that cannot have one (to HEAD, 204, 304) do not
 * come here, and parts never do: on a route with this hook, `Range` is taken off requests.
 */
export function onResponseBody(ptr: i32, len: i32, check: (response: ResponseView) => Verdict): i32 {
  return onResponse(ptr, len, check)
}

/** The body of on_error: `check` sees the reply the client is about to get, and may change it or make another. */
export function onError(ptr: i32, len: i32, check: (error: ErrorView) => Verdict): i32 {
  if (!errorInput.decode(<usize>ptr, len)) malformed('ErrorInput')
  return answerToResponse(check(error))
}

/** The body of on_log: `use` sees the exchange when it is over; nothing can be changed any more. */
export function onLog(ptr: i32, len: i32, use: (exchange: LogView) => void): i32 {
  if (!logInput.decode(<usize>ptr, len)) malformed('LogInput')
  use(logged)
  return 0
}

/** As onLog, for a plugin that asks for effects then, such as sending the log elsewhere; the rest of a verdict says nothing. */
export function onLogAsk(ptr: i32, len: i32, use: (exchange: LogView) => Verdict): i32 {
  if (!logInput.decode(<usize>ptr, len)) malformed('LogInput')
  return answer(use(logged))
}

/** The body of on_tick, which comes every so often (the manifest's tickMs). The state of its verdict is there at the next. */
export function onTick(ptr: i32, len: i32, run: (tick: TickView) => Verdict): i32 {
  if (!tickInput.decode(<usize>ptr, len)) malformed('TickInput')
  return answer(run(tick))
}

/**
 * The body of on_effect: the answers to what a hook asked for, with the view that hook had. `request` is called when a request
 * hook (or on_tick) asked, `response` when a response hook, on_error or on_log did; answers.hook says which.
 */
export function onEffect(
  ptr: i32,
  len: i32,
  request: (request: RequestView, answers: EffectAnswers) => Verdict,
  response: (response: ResponseView, answers: EffectAnswers) => Verdict = nobodyAsked
): i32 {
  if (!effectInput.decode(<usize>ptr, len)) malformed('EffectInput')
  if (askedForResponse()) return answerToResponse(response(askingResponse, answers))
  return answer(request(askingRequest, answers))
}

function askedForResponse(): bool {
  const hook = effectInput.hook
  return hook.equals('on_response') || hook.equals('on_response_body') || hook.equals('on_error') || hook.equals('on_log')
}

function nobodyAsked(_response: ResponseView, answers: EffectAnswers): Verdict {
  throw new Error('onEffect was given no function for answers to what ' + answers.hook + ' asked')
}

function answerToResponse(verdict: Verdict): i32 {
  verdict.joinResponseHeaders()
  return answer(verdict)
}

function answer(verdict: Verdict): i32 {
  const kept = verdict.keptAt
  if (kept != 0) return <i32>kept
  const output = beginOutput()
  verdict.encode(output)
  return endOutput()
}

/** An empty verdict would let the exchange go on unchecked, so this traps: the failure policy of the binding decides. */
function malformed(message: string): void {
  throw new Error('the input is not a ' + message)
}
