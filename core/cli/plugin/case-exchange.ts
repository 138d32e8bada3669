import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { problemReply } from '../../base/problem.js'
import { Exchange, type IncomingBody } from '../../gateway/exchange.js'
import type { Route } from '../../gateway/snapshot.js'
import { phasesOf } from '../../gateway/view.js'
import type { Binding } from '../../plugin-host/binding.js'
import { Breaker } from '../../plugin-host/breaker.js'
import type { Case } from './case.js'

/** The exchange of a case, as it comes in. */
export function exchangeOf(given: Case): Exchange {
  const {
    method = 'GET',
    scheme = 'http',
    host = 'example.com',
    path = '/',
    query = '',
    headers = {},
    body = ''
  } = given.request ?? {}
  const { clientIp = '127.0.0.1', params = {}, consumer = '', tags = {}, bag } = given.request ?? {}
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
  if (bag !== undefined) exchange.bag = Object.entries(bag).flat()
  return exchange
}

/** What the policy is shown as the reply: the upstream's, or the gateway's own when the exchange fails. */
export function givenReply({ response = {}, error }: Case, exchange: Exchange): Reply {
  if (error !== undefined) return problemReply(error, exchange.id)
  const { status = 200, headers = {}, body = '' } = response
  return { status, headers: flat(headers), body: Buffer.from(body) }
}

/** The route of a case: its policy, and nothing else. */
export function routeOf(binding: Binding): Route {
  const policies = [binding]
  return {
    name: 'case',
    upstream: '',
    stripPrefix: '',
    straight: false,
    limits: { bodyBytes: 1 << 26, bufferedBodyBytes: 1 << 26 },
    policies,
    phases: phasesOf(policies, () => NEVER_OPEN),
    timeouts: new Map(),
    plans: new Map(),
    priority: { class: 'default', consumers: new Map(), tag: undefined },
    class: 'default'
  }
}

/** A failure ends the case anyway. */
const NEVER_OPEN = new Breaker({ failures: Number.POSITIVE_INFINITY, windowMs: 0, openMs: 0 }, () => undefined)

const NOBODY = { send: () => ({ bytes: 0, cutShort: undefined }), cut: () => undefined, done: false, started: false }

/** Names as HTTP/2 and the gateway write them, each value with its name. */
export function flat(record: Readonly<Record<string, string | readonly string[]>>): HeaderList {
  return Object.entries(record).flatMap(([name, value]) =>
    typeof value === 'string' ? [name.toLowerCase(), value] : value.flatMap(each => [name.toLowerCase(), each])
  )
}
