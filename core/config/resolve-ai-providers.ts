import type { HeaderList } from '../base/headers.js'
import { milliseconds } from '../base/units.js'
import { resolveUpstreamTls, type UpstreamTlsConfig } from './resolve-listen.js'
import {
  DEFAULT_RETRIES,
  type RetriesConfig,
  type UpstreamResilience,
  upstreamResilience
} from './resolve-resilience.js'
import { type UpstreamTimeouts, upstreamTimeouts } from './resolve-timeouts.js'
import type { AiProvider, AiProviders } from './schema-ai-providers.js'

/** An account at a provider. */
export interface AiProviderConfig {
  readonly name: string
  /** The provider's name in the list of core/ai/providers. */
  readonly provider: string
  readonly keys: readonly AiKeyConfig[]
  /** Empty: it is not known. */
  readonly region: string
  /** Without a slash at the end; undefined: the provider's own. */
  readonly baseUrl: string | undefined
  readonly options: Readonly<Record<string, string>>
  /** Models it is known to have: by the name clients use, the provider's own. */
  readonly models: ReadonlyMap<string, string>
  readonly onlyModels: boolean
  readonly headers: HeaderList
  readonly cooldown: CooldownConfig
  readonly connections: number
  readonly http2: boolean
  /** undefined: as Node does by default. */
  readonly tls: UpstreamTlsConfig | undefined
  readonly timeouts: UpstreamTimeouts
  readonly resilience: UpstreamResilience
}

export interface AiKeyConfig {
  /** For logs and metrics: never a part of the secret. */
  readonly label: string
  readonly weight: number
  /** The text, or the name of one of `secrets`. */
  readonly from: { readonly text: string } | { readonly secret: string }
  readonly parts: Readonly<Record<string, string>>
}

export interface CooldownConfig {
  readonly baseMs: number
  readonly maxMs: number
  readonly refusedMs: number
}

/** @param towards - timeouts where an account says nothing of its own */
export function resolveAiProviders(
  entries: AiProviders,
  towards: UpstreamTimeouts,
  folder: string
): AiProviderConfig[] {
  return Object.entries(entries).map(([name, entry]) => account(name, entry, towards, folder))
}

function account(name: string, entry: AiProvider, towards: UpstreamTimeouts, folder: string): AiProviderConfig {
  const { provider, options, onlyModels, connections, http2, cooldown } = entry
  return {
    name,
    provider,
    keys: resolveKeys(entry.keys),
    region: entry.region ?? '',
    baseUrl: entry.baseUrl?.replace(/\/+$/, ''),
    options,
    models: resolveModels(entry.models),
    onlyModels,
    headers: Object.entries(entry.headers).flatMap(([header, value]) => [header.toLowerCase(), value]),
    cooldown: {
      baseMs: milliseconds(cooldown.base),
      maxMs: Math.max(milliseconds(cooldown.max), milliseconds(cooldown.base)),
      refusedMs: milliseconds(cooldown.refused)
    },
    connections,
    http2,
    tls: entry.tls && resolveUpstreamTls(entry.tls, folder),
    timeouts: upstreamTimeouts(entry.timeouts, towards),
    resilience: resolveResilience(entry)
  }
}

/** As for an upstream, but that a POST may be sent twice, whatever its length. */
const AI_RETRIES: RetriesConfig = {
  ...DEFAULT_RETRIES,
  methods: [...DEFAULT_RETRIES.methods, 'POST'],
  bodyBytes: 32 * 1024 * 1024
}

function resolveResilience(entry: AiProvider): UpstreamResilience {
  const resilience = upstreamResilience(entry)
  return entry.retries === undefined ? { ...resilience, retries: AI_RETRIES } : resilience
}

function resolveKeys(keys: AiProvider['keys']): AiKeyConfig[] {
  return keys.map((entry, i) => {
    const label = String(i + 1)
    if (typeof entry === 'string') return { label, weight: 1, from: { text: entry }, parts: {} }
    const { key = '', secret, name = label, weight, parts } = entry
    return { label: name, weight, from: secret === undefined ? { text: key } : { secret }, parts }
  })
}

function resolveModels(models: AiProvider['models']): ReadonlyMap<string, string> {
  return new Map(Array.isArray(models) ? models.map(name => [name, name]) : Object.entries(models))
}
