import type { GatewayError } from '../base/errors.js'
import { accessWriter, type LoggedExchange } from './access-line.js'
import type { Logger } from './log.js'

export type { LoggedExchange } from './access-line.js'

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

export const PLUGIN_LEVELS = ['debug', 'info', 'warn', 'error'] as const

export function exchangeLog(log: Logger, access: boolean): ExchangeLog {
  const write = accessWriter(log)
  return {
    exchange: exchange => {
      if (exchange.route?.access ?? access) write(exchange)
    },
    error: (exchange, error) => log.error({ id: exchange.id, code: error.code, err: error }, error.message),
    fault: (binding, exchange, fault) =>
      log.warn({ id: exchange.id, plugin: binding.plugin, where: binding.where, reason: fault.reason }, fault.message),
    breaker: ({ plugin, where }, state, reason) =>
      log[state === 'open' ? 'error' : 'warn']({ plugin, where, state, reason }, 'breaker of a plugin'),
    plugin: (binding, exchange, line) => {
      const { level, fields, text } = pluginLine(line)
      log[level]({ id: exchange.id, plugin: binding.plugin, ...fields }, text)
    }
  }
}

/** A line of a plugin's, taken apart. */
export function pluginLine(line: Buffer): { level: (typeof PLUGIN_LEVELS)[number]; fields: object; text: string } {
  const digit = Number(line.toString('latin1', 0, 1))
  const textAt = digit > 3 ? line.indexOf('\n') + 1 : 1
  const fields: object = digit > 3 ? JSON.parse(line.toString('utf8', 1, textAt)) : {}
  return { level: PLUGIN_LEVELS[digit & 3] ?? 'info', fields, text: line.toString('utf8', textAt) }
}
