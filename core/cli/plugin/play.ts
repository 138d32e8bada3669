import { isDeepStrictEqual } from 'node:util'
import { EMPTY_BODY } from '../../base/body.js'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { Exchange, type IncomingBody } from '../../gateway/exchange.js'
import { onRequest, onResponse } from '../../gateway/policies.js'
import type { PolicyHost, Route } from '../../gateway/snapshot.js'
import { phasesOf } from '../../gateway/view.js'
import type { Binding } from '../../plugin-host/binding.js'
import { Breaker } from '../../plugin-host/breaker.js'
import type { PluginPool } from '../../plugin-host/pool.js'
import type { Case } from './case.js'

/** What came out of an exchange: the reply the policy made, or the request and reply as it left them. */
export interface Played {
  readonly exchange: Exchange
  readonly early: Reply | undefined
  readonly response: Reply | undefined
}

/**
 * Plays one case through the same phases as the gateway does, as often as it says.
 * @returns what came out the last time
 * @throws GatewayError when the plugin fails
 */
export async function playCase(given: Case, binding: Binding, pool: PluginPool): Promise<Played> {
  for (let i = 1; i < (given.times ?? 1); i++) await playOnce(given, binding, pool)
  return playOnce(given, binding, pool)
}

async function playOnce(given: Case, binding: Binding, pool: PluginPool): Promise<Played> {
  const exchange = exchangeOf(given)
  const route = routeOf(binding)
  exchange.route = route
  const host = { plugins: pool, log: SILENT, effects: answersOf(given) }
  const early = await onRequest(route, exchange, host)
  if (early !== undefined || given.response === undefined) return { exchange, early, response: undefined }
  const { status = 200, headers = {}, body = '' } = given.response
  const reply: Reply = { status, headers: flat(headers), body: Buffer.from(body) }
  return { exchange, early, response: await onResponse(route, exchange, reply, host) }
}

/** What differs from what the case expects, one sentence each. */
export function compare(given: Case, { exchange, early, response }: Played): string[] {
  const { expect } = given
  const problems: string[] = []
  if (expect.reply !== undefined) {
    if (early === undefined) return ['the policy let the request go on, expected a reply']
    return compareReply('reply', expect.reply, early)
  }
  if (early !== undefined)
    return [`the policy replied ${early.status} ${bodyText(early.body)}, expected the request to go on`]
  if (expect.request !== undefined) problems.push(...compareRequest(expect.request, exchange))
  if (expect.response !== undefined) {
    if (response === undefined) problems.push('the case expects a response but gives none')
    else problems.push(...compareReply('response', expect.response, response))
  }
  return problems
}

type ExpectedRequest = NonNullable<Case['expect']['request']>
type ExpectedReply = NonNullable<Case['expect']['reply']>

function compareRequest(expected: ExpectedRequest, exchange: Exchange): string[] {
  const { request } = exchange
  const actual: Record<string, string> = {
    method: request.method,
    path: request.path,
    query: request.query,
    upstream: exchange.upstream,
    consumer: exchange.consumer
  }
  const problems = Object.entries(actual).flatMap(([part, value]) => {
    const wanted: unknown = Reflect.get(expected, part)
    return wanted === undefined || wanted === value ? [] : [differs(`request ${part}`, value, wanted)]
  })
  problems.push(...compareHeaders('request', expected.headers, request.headers))
  const { body } = exchange
  if (expected.body !== undefined) {
    problems.push(
      ...compareBody('request', expected.body, Buffer.isBuffer(body) ? body : (body.takeWhole() ?? EMPTY_BODY))
    )
  }
  for (const [name, wanted] of Object.entries(expected.tags ?? {})) {
    const [value] = valuesOf(exchange.tags, name).slice(-1)
    if (value !== wanted) problems.push(differs(`tag ${name}`, value, wanted))
  }
  return problems
}

function compareReply(what: string, expected: ExpectedReply, actual: Reply): string[] {
  const problems: string[] = []
  if (expected.status !== undefined && expected.status !== actual.status) {
    problems.push(differs(`${what} status`, actual.status, expected.status))
  }
  problems.push(...compareHeaders(what, expected.headers, actual.headers))
  if (expected.body !== undefined) {
    problems.push(...compareBody(what, expected.body, Buffer.isBuffer(actual.body) ? actual.body : EMPTY_BODY))
  }
  return problems
}

function compareHeaders(what: string, expected: ExpectedReply['headers'], actual: HeaderList): string[] {
  return Object.entries(expected ?? {}).flatMap(([name, wanted]) => {
    const values = valuesOf(actual, name.toLowerCase())
    if (wanted === null) return values.length === 0 ? [] : [differs(`${what} header ${name}`, values, 'absent')]
    const list = typeof wanted === 'string' ? [wanted] : wanted
    return isDeepStrictEqual(values, list) ? [] : [differs(`${what} header ${name}`, values, list)]
  })
}

function compareBody(what: string, expected: NonNullable<ExpectedReply['body']>, actual: Buffer): string[] {
  const text = actual.toString('utf8')
  if (typeof expected === 'string') return text === expected ? [] : [differs(`${what} body`, text, expected)]
  try {
    const json: unknown = JSON.parse(text)
    return contains(json, expected) ? [] : [differs(`${what} body`, json, expected)]
  } catch {
    return [differs(`${what} body`, text, expected)]
  }
}

/** Whether `actual` has everything `expected` has; lists must be of the same length. */
function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected)
  if (typeof actual !== 'object' || actual === null) return false
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && contains(Reflect.get(actual, key), value)
  )
}

function exchangeOf(given: Case): Exchange {
  const {
    method = 'GET',
    scheme = 'http',
    host = 'example.com',
    path = '/',
    query = '',
    headers = {},
    body = ''
  } = given.request ?? {}
  const { clientIp = '127.0.0.1', params = {}, consumer = '', tags = {} } = given.request ?? {}
  const bytes = Buffer.from(body)
  const incoming: IncomingBody = {
    length: bytes.length,
    complete: true,
    received: bytes.length,
    takeWhole: () => bytes,
    pipe: sink => {
      sink.write(bytes)
      sink.end()
    },
    resume: () => undefined,
    cancel: () => undefined
  }
  const request = { method, scheme, host, path, query, headers: flat(headers) }
  const exchange = new Exchange('case', 1, 0, request, incoming, clientIp, NOBODY)
  exchange.params = flat(params)
  exchange.consumer = consumer
  exchange.tags = flat(tags)
  return exchange
}

function routeOf(binding: Binding): Route {
  const policies = [binding]
  return {
    name: 'case',
    upstream: '',
    stripPrefix: '',
    limits: { bodyBytes: 1 << 26, bufferedBodyBytes: 1 << 26 },
    policies,
    phases: phasesOf(policies, () => NEVER_OPEN),
    timeouts: new Map()
  }
}

/** What the case says the world answers; what it does not mention cannot be reached. */
function answersOf({ answers = {} }: Case): PolicyHost['effects'] {
  return {
    detach: () => undefined,
    perform: async effects =>
      effects.map(({ id }) => {
        const given = answers[id]
        if (given === undefined) return { id, error: 'unreachable' }
        const { headers = {}, body = '', ...rest } = given
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        return { id, found: given.body !== undefined, ...rest, headers: flat(headers), body: Buffer.from(text) }
      })
  }
}

/** A failure ends the case anyway. */
const NEVER_OPEN = new Breaker({ failures: Number.POSITIVE_INFINITY, windowMs: 0, openMs: 0 }, () => undefined)

const SILENT = {
  exchange: () => undefined,
  error: () => undefined,
  fault: () => undefined,
  plugin: () => undefined,
  breaker: () => undefined
}

const NOBODY = { send: () => ({ bytes: 0, cutShort: undefined }), cut: () => undefined, done: false, started: false }

function flat(record: Readonly<Record<string, string | readonly string[]>>): HeaderList {
  return Object.entries(record).flatMap(([name, value]) =>
    typeof value === 'string' ? [name.toLowerCase(), value] : value.flatMap(each => [name.toLowerCase(), each])
  )
}

function valuesOf(list: HeaderList, name: string): string[] {
  return list.filter((_, i) => i % 2 === 1 && list[i - 1] === name)
}

function bodyText(body: Reply['body']): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : ''
}

function differs(what: string, actual: unknown, expected: unknown): string {
  return `${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`
}
