import { bytes, milliseconds } from '../base/units.js'
import { type AiCacheRules, resolveRouteAiCache } from './resolve-ai-cache.js'
import type { RouteAi } from './schema-ai-route.js'

/** How far a stream may go. */
export interface RelayLimits {
  /** The whole stream, milliseconds and bytes of the provider. */
  readonly maxMs: number
  readonly maxBytes: number
  /** How long the head may wait for the first event of the answer: milliseconds, bytes. */
  readonly holdMs: number
  readonly holdBytes: number
  /** Milliseconds without a byte after which the client gets a sign of life; 0: never. */
  readonly heartbeatMs: number
  /** When the client goes: how much longer the provider is listened to, for its usage; 0: not at all. */
  readonly drainMs: number
  readonly drainBytes: number
}

/** What a route says of its AI traffic. Times are milliseconds. */
export interface RouteAiConfig {
  /** Names of models with "*"; empty: all. */
  readonly models: readonly string[]
  readonly regions: readonly string[]
  /** Names in small letters. */
  readonly forwardHeaders: ReadonlySet<string>
  readonly notes: boolean
  readonly answerBytes: number
  /** undefined: no answers are kept. */
  readonly cache: AiCacheRules | undefined
  readonly relay: RelayLimits
}

export function resolveRouteAi(entry: RouteAi): RouteAiConfig {
  const { streams, clientGone } = entry
  const drain = clientGone === 'abort' ? undefined : clientGone
  return {
    models: entry.models,
    regions: entry.regions,
    forwardHeaders: new Set(entry.forwardHeaders.map(name => name.toLowerCase())),
    notes: entry.replyHeaders,
    answerBytes: bytes(entry.answerBytes),
    cache: entry.cache && resolveRouteAiCache(entry.cache),
    relay: {
      maxMs: milliseconds(streams.duration),
      maxBytes: bytes(streams.bytes),
      holdMs: milliseconds(streams.hold),
      holdBytes: bytes(streams.holdBytes),
      heartbeatMs: milliseconds(streams.heartbeat),
      drainMs: drain === undefined ? 0 : milliseconds(drain.drain),
      drainBytes: drain === undefined ? 0 : bytes(drain.bytes)
    }
  }
}
