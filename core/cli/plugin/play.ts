import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { Exchange, type IncomingBody } from '../../gateway/exchange.js'
import { onRequest, onResponse } from '../../gateway/policies.js'
import type { PolicyHost, Route } from '../../gateway/snapshot.js'
import { phasesOf } from '../../gateway/view.js'
import type { Binding } from '../../plugin-host/binding.js'
import { Breaker } from '../../plugin-host/breaker.js'
import type { Case } from './case.js'
import { type PlayedAi, playAi } from './play-ai.js'

/** What came out of an exchange: the reply the policy made, or the request and reply as it left them. */
export interface Played {
  readonly exchange: Exchange
  readonly early: Reply | undefined
  readonly response: Reply | undefined
  /** What came of its AI traffic; left out: it has none. */
  readonly ai?: PlayedAi | undefined
  /** Answers the case has to effects the policy did not wait for. */
  readonly unasked: readonly string[]
}

/**
 * Plays one case through the same phases as the gateway does, as often as it says.
 * @returns what came out the last time
 * @throws GatewayError when the plugin fails
 */
export async function playCase(given: Case, binding: Binding, plugins: PolicyHost['plugins']): Promise<Played> {
  const { times = 1, everyMs = 0, answers = {} } = given
  const asked = new Set<string>()
  const host = { plugins, log: SILENT, effects: answersOf(answers, asked) }
  for (let i = 1; i < times; i++) {
    await playOnce(given, binding, host)
    const clock = binding.script?.clock
    if (clock?.[0] !== undefined) clock[0] += everyMs
  }
  const played = await playOnce(given, binding, host)
  return { ...played, unasked: Object.keys(answers).filter(id => !asked.has(id)) }
}

async function playOnce(given: Case, binding: Binding, host: PolicyHost): Promise<Omit<Played, 'unasked'>> {
  const exchange = exchangeOf(given)
  const route = routeOf(binding)
  exchange.route = route
  const early = await onRequest(route, exchange, host)
  if (early === undefined && given.ai !== undefined) {
    const played = await playAi(given.ai, { route, exchange, snapshot: host })
    return 'early' in played
      ? { exchange, early: played.early, response: undefined }
      : { exchange, early, response: undefined, ai: played }
  }
  if (early !== undefined || given.response === undefined) return { exchange, early, response: undefined }
  return { exchange, early, response: await onResponse(route, exchange, upstreamReply(given), host) }
}

/** What the upstream answers in this case. */
export function upstreamReply({ response = {} }: Case): Reply {
  const { status = 200, headers = {}, body = '' } = response
  return { status, headers: flat(headers), body: Buffer.from(body) }
}

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

function routeOf(binding: Binding): Route {
  const policies = [binding]
  return {
    name: 'case',
    upstream: '',
    stripPrefix: '',
    limits: { bodyBytes: 1 << 26, bufferedBodyBytes: 1 << 26 },
    policies,
    phases: phasesOf(policies, () => NEVER_OPEN),
    timeouts: new Map(),
    plans: new Map(),
    priority: { class: 'default', consumers: new Map(), tag: undefined },
    class: 'default'
  }
}

/**
 * What the case says the world answers; what it does not mention cannot be reached.
 * @param asked - gets the ids of what the policy waits for
 */
function answersOf(answers: NonNullable<Case['answers']>, asked: Set<string>): PolicyHost['effects'] {
  return {
    detach: () => undefined,
    perform: async effects =>
      effects.map(({ id }) => {
        asked.add(id)
        const given = Object.hasOwn(answers, id) ? answers[id] : undefined
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
