import type { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import type { SocketEnd } from '../base/websocket.js'
import type { Logger } from './log.js'

/** What the access line of an exchange is made from. */
export interface LoggedExchange {
  readonly id: string
  readonly startedAt: number
  readonly request: { readonly method: string; readonly host: string; readonly path: string }
  readonly clientIp: string
  /** `access`: whether its exchanges have a line; undefined: as ever. */
  readonly route: { readonly name: string; readonly access?: boolean | undefined } | undefined
  readonly upstream: string
  readonly target: string
  /** How often it was sent upstream. */
  readonly attempts: number
  readonly consumer: string
  readonly tags: HeaderList
  readonly status: number
  readonly incoming: { readonly received: number }
  readonly bytesOut: number
  readonly error: GatewayError | undefined
  readonly cutShort: GatewayError | 'client-gone' | undefined
  /** What went over it, when it became a WebSocket. */
  readonly socket?: SocketEnd | undefined
  /** What the route's cache did; undefined: it has none. */
  readonly cache?: string | undefined
  /** The file it is recorded in. */
  readonly recorded: string | undefined
}

export interface LoggedBinding {
  readonly plugin: string
  readonly where: string
}

/** The lines that belong to exchanges. */
export interface ExchangeLog {
  /** The access line: one for each exchange, however it ended. */
  exchange(exchange: LoggedExchange): void
  /** An error that is the gateway's own fault: someone must look. */
  error(exchange: LoggedExchange, error: GatewayError): void
  /** A plugin failed; the exchange was answered by its failure policy. */
  fault(
    binding: LoggedBinding,
    exchange: Pick<LoggedExchange, 'id'>,
    fault: { readonly reason: string; readonly message: string }
  ): void
  /** A line of a plugin's own: a level digit (0 debug … 3 error), then the text. 4 to 7: JSON of fields and a line feed come between. */
  plugin(binding: LoggedBinding, exchange: Pick<LoggedExchange, 'id'>, line: Buffer): void
  /** A plugin is taken out of its route, or put back. */
  breaker(binding: LoggedBinding, state: string, reason: string): void
}

const PLUGIN_LEVELS = ['debug', 'info', 'warn', 'error'] as const

export function exchangeLog(log: Logger, access: boolean): ExchangeLog {
  return {
    exchange: exchange => {
      if (exchange.route?.access ?? access) log.info(accessLine(exchange))
    },
    error: (exchange, error) => log.error({ id: exchange.id, code: error.code, err: error }, error.message),
    fault: (binding, exchange, fault) =>
      log.warn({ id: exchange.id, plugin: binding.plugin, where: binding.where, reason: fault.reason }, fault.message),
    breaker: ({ plugin, where }, state, reason) =>
      log[state === 'open' ? 'error' : 'warn']({ plugin, where, state, reason }, 'breaker of a plugin'),
    plugin: (binding, exchange, line) => {
      const digit = Number(line.toString('latin1', 0, 1))
      const level = PLUGIN_LEVELS[digit & 3] ?? 'info'
      const textAt = digit > 3 ? line.indexOf('\n') + 1 : 1
      const fields: object = digit > 3 ? JSON.parse(line.toString('utf8', 1, textAt)) : {}
      log[level]({ id: exchange.id, plugin: binding.plugin, ...fields }, line.toString('utf8', textAt))
    }
  }
}

/** Fields, not sentences. Absent ones are left out; pino skips what is undefined. */
function accessLine(exchange: LoggedExchange): object {
  const { request, route, error, cutShort, tags } = exchange
  return {
    id: exchange.id,
    method: request.method,
    host: request.host,
    path: request.path,
    status: exchange.status,
    ms: Math.round((performance.now() - exchange.startedAt) * 1000) / 1000,
    in: exchange.incoming.received,
    out: exchange.bytesOut,
    client: exchange.clientIp,
    route: route?.name,
    upstream: exchange.upstream || undefined,
    target: exchange.target || undefined,
    attempts: exchange.attempts > 1 ? exchange.attempts : undefined,
    consumer: exchange.consumer || undefined,
    cache: exchange.cache,
    recorded: exchange.recorded,
    socket: exchange.socket,
    tags: tags.length > 0 ? pairs(tags) : undefined,
    error: error?.code ?? (cutShort === 'client-gone' ? 'GW_CLIENT_GONE' : cutShort?.code),
    detail: error?.message ?? (typeof cutShort === 'object' ? cutShort.message : undefined)
  }
}

function pairs(list: HeaderList): Record<string, string> {
  const object: Record<string, string> = Object.create(null)
  for (let i = 0; i + 1 < list.length; i += 2) object[list[i] ?? ''] = list[i + 1] ?? ''
  return object
}
