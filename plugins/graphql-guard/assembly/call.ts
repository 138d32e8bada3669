import {
  ByteWriter,
  hasJsonType,
  hasWideCharset,
  JsonTree,
  lowerAscii,
  mediaType,
  parameterValues,
  percentDecode,
  RequestView,
  Step
} from '@sluice/plugin-sdk/assembly'
import { badRequest, Refusal } from './refusal'

/** One call of a GraphQL server: a document and what goes with it. */
@final
export class Call {
  /** "" when only a hash of it was sent. */
  query: string = ''
  operationName: string = ''
  variables: JsonTree | null = null
  isPersisted: bool = false
}

const QUERY = new Step('query')
const OPERATION_NAME = new Step('operationName')
const VARIABLES = new Step('variables')
const EXTENSIONS = new Step('extensions')
const PERSISTED = new Step('persistedQuery')
const NAMES = ['query', 'operationName', 'variables', 'extensions']

/** Why the calls of the last request could not be read; null when they could. */
export let callRefusal: Refusal | null = null

/**
 * The calls of a request: one, or several of a batch. None for a request that is not meant for a GraphQL server, or
 * cannot be read: then there is a `callRefusal`.
 * @param passesOthers - lets bodies of other content types pass
 */
export function callsOf(request: RequestView, passesOthers: bool, maxBatch: i32): Call[] {
  callRefusal = null
  JsonTree.begin()
  const method = request.method
  if (method == 'OPTIONS') return []
  if (method == 'GET' || method == 'HEAD') return callsInUrl(request)
  // Some servers take the one in the URL, others that in the body.
  const inUrl = namedInUrl(request.query, false)
  if (inUrl != '') return refuse(badRequest('Send "' + inUrl + '" in the body, not in the URL.'))
  if (request.headers('content-type').length > 1) return refuse(badRequest('There are two Content-Type headers.'))
  if (hasWideCharset(request)) {
    return refuse(new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be UTF-8.'))
  }
  if (hasJsonType(request)) return callsInJson(request, maxBatch)
  if (mediaType(request.header('content-type')) == 'application/graphql') {
    const call = new Call()
    call.query = request.bodyText()
    return [call]
  }
  if (passesOthers) return []
  return refuse(new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the query as application/json.'))
}

function callsInUrl(request: RequestView): Call[] {
  if (request.bodySize > 0) return refuse(badRequest('A GET request has no body.'))
  const odd = namedInUrl(request.query, true)
  if (odd != '') return refuse(badRequest('The parameter "' + odd + '" can be read in two ways.'))
  const call = new Call()
  for (let i = 0; i < NAMES.length; i++) {
    const values = parameterValues(request.query, NAMES[i])
    if (values.length > 1) return refuse(badRequest('The parameter "' + NAMES[i] + '" is there twice.'))
    if (values.length == 0) continue
    const value = values[0]
    if (i == 0) call.query = value
    else if (i == 1) call.operationName = value
    else if (value.length > 0) {
      const json = parsed(value)
      if (json === null) return refuse(badRequest('The parameter "' + NAMES[i] + '" is not JSON.'))
      if (i == 2) call.variables = json
      else call.isPersisted = json.get(PERSISTED) !== null
    }
  }
  // A page with a console for people, for one.
  return call.query == '' && !call.isPersisted ? [] : [call]
}

/**
 * The first of the names that is a parameter of the query, in any case and with blanks around it: some servers do not look at
 * these. "" for none.
 * @param oddly - only one that is written in another way
 */
function namedInUrl(query: string, oddly: bool): string {
  if (query.length == 0) return ''
  const parts = query.split('&')
  for (let i = 0; i < parts.length; i++) {
    const equals = parts[i].indexOf('=')
    const name = percentDecode((equals < 0 ? parts[i] : parts[i].substring(0, equals)).replaceAll('+', ' '))
    const lower = lowerAscii(name.trim())
    for (let j = 0; j < NAMES.length; j++) {
      if (lower == lowerAscii(NAMES[j]) && !(oddly && name == NAMES[j])) return NAMES[j]
    }
  }
  return ''
}

function callsInJson(request: RequestView, maxBatch: i32): Call[] {
  const root = JsonTree.parseAt(request.bodyAt, request.bodySize)
  if (root === null) return refuse(badRequest('The body is not JSON.'))
  const calls: Call[] = []
  if (root.isObject) {
    const call = callIn(root)
    return call === null ? calls : [call]
  }
  if (!root.isArray || root.length == 0) return refuse(badRequest('The body is neither an object nor a list of them.'))
  if (root.length > maxBatch) {
    return refuse(new Refusal(400, 'BATCH_LIMIT', 'A batch may have ' + maxBatch.toString() + ' operations at most.'))
  }
  for (let i = 0; i < root.length; i++) {
    const call = root.item(i).isObject ? callIn(root.item(i)) : null
    if (call === null) return callRefusal === null ? refuse(badRequest('A batch is a list of objects.')) : []
    calls.push(call)
  }
  return calls
}

function callIn(object: JsonTree): Call | null {
  const ambiguous = ambiguousKey(object)
  if (ambiguous != '') return refuseCall('The member "' + ambiguous + '" can be read in two ways.')
  const call = new Call()
  const query = object.get(QUERY)
  if (query !== null && query.isString) call.query = query.text
  else if (query !== null && !query.isNull) return refuseCall('"query" must be text.')
  const name = object.get(OPERATION_NAME)
  if (name !== null && name.isString) call.operationName = name.text
  else if (name !== null && !name.isNull) return refuseCall('"operationName" must be text.')
  const extensions = object.get(EXTENSIONS)
  call.isPersisted = extensions !== null && extensions.get(PERSISTED) !== null
  let variables = object.get(VARIABLES)
  // Some clients send them as text, and some servers read that.
  if (variables !== null && variables.isString) variables = parsed(variables.text)
  if (variables !== null && !variables.isNull) {
    if (!variables.isObject) return refuseCall('"variables" must be an object.')
    call.variables = variables
  }
  return call
}

/** A member that is there twice, also in other case: some servers do not look at the case of keys. */
function ambiguousKey(object: JsonTree): string {
  let seen = 0
  for (let i = 0; i < object.length; i++) {
    const key = object.item(i).key
    if (key.length > 32) continue
    const lower = lowerAscii(key)
    for (let j = 0; j < NAMES.length; j++) {
      if (lower != lowerAscii(NAMES[j])) continue
      if (key != NAMES[j] || (seen & (1 << j)) != 0) return NAMES[j]
      seen |= 1 << j
    }
  }
  return ''
}

function parsed(text: string): JsonTree | null {
  const writer = new ByteWriter(text.length + 16)
  writer.text(text)
  return JsonTree.of(writer)
}

function refuse(refusal: Refusal): Call[] {
  callRefusal = refusal
  return []
}

function refuseCall(message: string): Call | null {
  callRefusal = badRequest(message)
  return null
}
