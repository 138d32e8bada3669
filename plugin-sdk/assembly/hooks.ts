import { beginOutput, endOutput } from './abi'
import { ConfigureInputReader, ConfigureResultWriter, RequestInputReader, ResponseInputReader } from './gen/policy'
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
  const verdict = check(response)
  verdict.joinResponseHeaders()
  return answer(verdict)
}

/** The body of on_response_body: `check` sees the response with its whole body. */
export function onResponseBody(ptr: i32, len: i32, check: (response: ResponseView) => Verdict): i32 {
  return onResponse(ptr, len, check)
}

function answer(verdict: Verdict): i32 {
  const output = beginOutput()
  verdict.encode(output)
  return endOutput()
}

/** An empty verdict would let the exchange go on unchecked, so this traps: the failure policy of the binding decides. */
function malformed(message: string): void {
  throw new Error('the input is not a ' + message)
}
