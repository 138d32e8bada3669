import type { DialectName, Operation } from '../../ai/dialects/dialect.js'
import type { Credentials } from '../../ai/keys/credentials.js'
import { KeyPool, type TakenKey } from '../../ai/keys/pool.js'
import { providers } from '../../ai/providers/index.js'
import type { Account, AuthTools, Provider } from '../../ai/providers/provider.js'
import { GatewayError } from '../../base/errors.js'
import { RetryLater } from '../../base/refusal.js'
import type { AiKeyConfig, AiProviderConfig } from '../../config/resolve-ai-providers.js'
import type { Logger } from '../../observe/log.js'
import type { Key, OpenAccount } from './runtime.js'
import { postForm } from './token-client.js'

/** The name of the upstream that an account's requests go to. */
export function upstreamOf(account: string): string {
  return `ai:${account}`
}

/** Scheme, host and path prefix of an account, without a slash at the end: the operator's, or the provider's with its places filled in. */
export function baseUrlOf({ baseUrl, region, options, name }: AiProviderConfig, provider: Provider): string {
  const template = baseUrl ?? provider.baseUrlIn?.(region) ?? provider.baseUrl ?? ''
  const values: Readonly<Record<string, string>> = { ...options, region: options.region ?? region }
  const url = template.replace(/\{(\w+)\}/g, (_, place: string) => values[place] ?? '')
  if (!URL.canParse(url)) throw new GatewayError('GW_CONFIG_INVALID', `ai.providers.${name}: "${url}" is no URL`)
  return url.replace(/\/+$/, '')
}

export function providerOf({ name, provider }: AiProviderConfig): Provider {
  const found = providers.find(each => each.name === provider)
  if (found === undefined) throw new GatewayError('GW_CONFIG_INVALID', `ai.providers.${name}: no provider ${provider}`)
  return found
}

/** Models of which an account knows how they are called: their names may be whatever clients write. */
const REMEMBERED = 1_000

/** An account with its keys, all in service. */
export class OpenedAccount implements OpenAccount {
  readonly name: string
  readonly provider: Provider
  readonly account: Account
  readonly upstream: string
  readonly origin: string
  readonly prefix: string
  readonly headers: AiProviderConfig['headers']
  readonly keys: KeyPool
  private readonly kept = new Map<string, AuthTools>()
  private readonly offered = new Map<Operation, Map<string, readonly DialectName[]>>()

  constructor(
    config: AiProviderConfig,
    private readonly credentials: Credentials,
    log: Logger
  ) {
    const { name, headers, region, options } = config
    this.name = name
    this.provider = providerOf(config)
    const baseUrl = baseUrlOf(config, this.provider)
    const { origin, pathname } = new URL(baseUrl)
    this.account = { baseUrl, region, options }
    this.upstream = upstreamOf(name)
    this.origin = origin
    this.prefix = pathname === '/' ? '' : pathname
    this.headers = headers
    this.keys = new KeyPool({
      keys: config.keys,
      cooldown: config.cooldown,
      now: () => performance.now(),
      refused: (key, kind, forMs, model) =>
        log.error({ account: name, key, kind, forMs, model }, 'a provider refuses a key: it is left alone')
    })
  }

  dialects(operation: Operation, model: string): readonly DialectName[] {
    let ofModels = this.offered.get(operation)
    if (ofModels === undefined || ofModels.size === REMEMBERED) {
      ofModels = new Map()
      this.offered.set(operation, ofModels)
    }
    let known = ofModels.get(model)
    if (known === undefined) {
      known = this.provider.dialects(operation, model, this.account)
      ofModels.set(model, known)
    }
    return known
  }

  take(model: string, tried: Set<AiKeyConfig>): Key | undefined {
    if (this.keys.keyless) return undefined
    const taken = this.keys.take(model, tried)
    if (taken !== undefined) return this.key(taken, model, tried)
    const waitMs = this.keys.readyInMs(model)
    throw new RetryLater('GW_AI_NO_KEY', `${this.name}: every key rests`, Number.isFinite(waitMs) ? waitMs : 60_000)
  }

  readyInMs(model: string): number {
    return this.keys.readyInMs(model)
  }

  private key(taken: TakenKey, model: string, tried: Set<AiKeyConfig>): Key {
    const { key } = taken
    return {
      credential: this.credentials.of(key),
      tools: this.toolsOf(key),
      worked: () => taken.succeeded(),
      failed: ({ kind, retryAfterMs }) => {
        taken.failed(kind, retryAfterMs)
        tried.add(key)
        const aboutKey =
          kind === 'rate_limit' || kind === 'permission' || kind === 'authentication' || kind === 'credit'
        return aboutKey && this.keys.hasOther(model, tried)
      }
    }
  }

  private toolsOf({ label }: AiKeyConfig): AuthTools {
    let tools = this.kept.get(label)
    if (tools === undefined) {
      tools = { now: () => Date.now(), postForm, kept: new Map() }
      this.kept.set(label, tools)
    }
    return tools
  }
}
