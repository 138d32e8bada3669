import { GatewayError } from '../../base/errors.js'
import type { PolicyHost } from '../../gateway/snapshot.js'
import { pluginLine } from '../../observe/exchange-log.js'
import { type Effect, KvKind } from '../../plugin-host/abi.js'
import { type Case, type ExpectedEffect, type ExpectedLine, KV_KINDS } from './case.js'
import { jsonOrText } from './case-body.js'
import { flat } from './case-exchange.js'

/** The world of a case: it answers what the policy asks for, and remembers all that and what the policy logs. */
export class CaseHost implements PolicyHost {
  readonly asked: ExpectedEffect[] = []
  readonly logged: ExpectedLine[] = []
  /** Ids of effects that were answered. */
  private readonly answered = new Set<string>()
  private fault: string | undefined

  /** @param answers - what the case says the world answers; what it does not mention cannot be reached */
  constructor(
    readonly plugins: PolicyHost['plugins'],
    private readonly answers: NonNullable<Case['answers']>
  ) {}

  readonly log: PolicyHost['log'] = {
    exchange: () => undefined,
    error: () => undefined,
    breaker: () => undefined,
    fault: (_binding, _exchange, { reason, message }) => {
      this.fault ??= `${reason}: ${message}`
    },
    plugin: (_binding, _exchange, line) => {
      const { level, fields, text } = pluginLine(line)
      this.logged.push({ level, text, ...(Object.keys(fields).length > 0 && { fields }) })
    }
  }

  readonly effects: PolicyHost['effects'] = {
    detach: effects => {
      this.asked.push(...effects.map(shown))
    },
    perform: async effects => {
      this.asked.push(...effects.map(shown))
      return effects.map(({ id }) => this.answer(id))
    }
  }

  /** Answers the case has to effects the policy did not wait for. */
  get unasked(): string[] {
    return Object.keys(this.answers).filter(id => !this.answered.has(id))
  }

  /** @throws GatewayError GW_PLUGIN_FAILED when the policy failed where an exchange goes on all the same: on_error, on_log, on_tick */
  check(): void {
    if (this.fault !== undefined) throw new GatewayError('GW_PLUGIN_FAILED', this.fault)
  }

  private answer(id: string): Awaited<ReturnType<PolicyHost['effects']['perform']>>[number] {
    this.answered.add(id)
    const given = Object.hasOwn(this.answers, id) ? this.answers[id] : undefined
    if (given === undefined) return { id, error: 'unreachable' }
    const { headers = {}, body = '', ...rest } = given
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return { id, found: given.body !== undefined, ...rest, headers: flat(headers), body: Buffer.from(text) }
  }
}

/** An effect in the words of a case: what it leaves at its default is left out. */
function shown({ id, http, kv, secret, jwks, refresh, detached }: Effect): ExpectedEffect {
  return {
    id,
    ...(http && {
      ...(http.upstream !== '' && { upstream: http.upstream }),
      url: http.url,
      method: http.method || 'GET',
      ...(http.headers.length > 0 && { headers: record(http.headers) }),
      ...(http.body.length > 0 && { body: jsonOrText(http.body) }),
      ...(http.timeoutMs > 0 && { timeoutMs: http.timeoutMs }),
      ...(http.maxBytes > 0 && { maxBytes: http.maxBytes })
    }),
    ...(kv && {
      kv: KV_KINDS[kv.kind] ?? 'get',
      key: kv.key,
      ...(kv.value.length > 0 && { value: text(kv.value) }),
      ...(kv.expected.length > 0 && { expected: text(kv.expected) }),
      ...(kv.ttlMs > 0 && { ttlMs: kv.ttlMs }),
      ...(kv.kind === KvKind.ADD && { delta: Number(kv.delta) })
    }),
    ...(secret !== '' && { secret }),
    ...(jwks !== '' && { jwks }),
    ...(refresh && { refresh }),
    ...(detached && { detached })
  }
}

/** Several values of one name are one, as RFC 9110 section 5.3 joins them. */
function record(headers: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    values[name] = Object.hasOwn(values, name) ? `${values[name]}, ${value}` : value
  }
  return values
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
