import { resolve } from 'node:path'
import { milliseconds } from '../base/units.js'
import type { BalanceOptions, BalancerName, HashKeyEntry } from './schema-balance.js'
import type { Discover } from './schema-discover.js'
import type { Active, Health, Passive } from './schema-health.js'
import type { Targets, Upstream } from './schema-upstream.js'
import { parseTarget, type Target } from './targets.js'

/** A target as written: its address, and how much of the traffic it gets when. */
export interface TargetConfig extends Target {
  readonly weight: number
  readonly priority: number
}

/** What consistent hashing hashes: a part of the request. Names of headers are in small letters. */
export type KeyFrom =
  | { readonly from: 'ip' | 'path' | 'consumer' }
  | { readonly from: 'header' | 'cookie' | 'query'; readonly name: string }

export interface BalanceConfig {
  readonly kind: BalancerName
  readonly key: KeyFrom
  readonly maxLoad: number
  readonly decayMs: number
  readonly within: BalancerName
  readonly threshold: number
}

export interface ProbeConfig {
  /** undefined: a connection that opens is enough. */
  readonly http:
    | {
        readonly path: string
        readonly method: string
        readonly statuses: Statuses
        readonly host: string | undefined
      }
    | undefined
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyAfter: number
  readonly unhealthyAfter: number
}

/** A set of statuses; 2 stands for every 2xx. */
export type Statuses = readonly number[]

export interface PassiveConfig {
  readonly failures: Passive['failures']
  readonly statuses: Statuses
  readonly consecutive: number
  readonly rate: { readonly share: number; readonly requests: number; readonly windowMs: number } | undefined
  readonly latency:
    | { readonly factor: number; readonly atLeastMs: number; readonly requests: number; readonly windowMs: number }
    | undefined
  readonly ejectionMs: number
  readonly maxEjectionMs: number
  readonly maxEjected: number
}

export type DiscoverConfig =
  | { readonly kind: 'file'; readonly file: string }
  | {
      readonly kind: 'dns' | 'srv'
      readonly name: string
      /** undefined: the scheme's. */
      readonly port: number | undefined
      readonly scheme: 'http' | 'https'
      readonly family: 'any' | 'ipv4' | 'ipv6'
      readonly servers: readonly string[]
      readonly minRefreshMs: number
      readonly maxRefreshMs: number
    }

/** What an upstream has besides its connections: who is in it, who is chosen, who is well. */
export interface UpstreamPolicy {
  readonly targets: readonly TargetConfig[]
  /** undefined: the targets are those of the configuration. */
  readonly discover: DiscoverConfig | undefined
  readonly balance: BalanceConfig
  /** 0: targets have their whole weight at once. */
  readonly slowStartMs: number
  readonly health: { readonly active: ProbeConfig | undefined; readonly passive: PassiveConfig | undefined }
  readonly panic: 'all' | 'refuse'
}

export function resolveUpstreamPolicy(entry: Upstream, folder: string): UpstreamPolicy {
  return {
    targets: resolveTargets(entry.targets ?? []),
    discover: entry.discover && resolveDiscover(entry.discover, folder),
    balance: resolveBalance(typeof entry.balance === 'string' ? { kind: entry.balance } : entry.balance),
    slowStartMs: entry.slowStart === undefined ? 0 : milliseconds(entry.slowStart),
    health: resolveHealth(entry.health),
    panic: entry.panic
  }
}

/** Of an upstream that is one address, about which nothing else is said. */
export function plainUpstreamPolicy(url: string): UpstreamPolicy {
  return {
    targets: resolveTargets([url]),
    discover: undefined,
    balance: resolveBalance({ kind: 'round-robin' }),
    slowStartMs: 0,
    health: { active: undefined, passive: undefined },
    panic: 'all'
  }
}

export function resolveTargets(targets: Targets): TargetConfig[] {
  return targets.flatMap(entry => {
    const { url, weight, priority } = typeof entry === 'string' ? { url: entry, weight: 1, priority: 0 } : entry
    const target = parseTarget(url)
    return target === undefined ? [] : [{ ...target, weight, priority }]
  })
}

function resolveBalance({ kind, key, maxLoad, decay, within, threshold }: BalanceOptions): BalanceConfig {
  return {
    kind,
    key: resolveKey(key),
    maxLoad: maxLoad ?? 1.5,
    decayMs: milliseconds(decay ?? '10s'),
    within: within ?? 'round-robin',
    threshold: threshold ?? 0.7
  }
}

function resolveKey(key: HashKeyEntry | undefined): KeyFrom {
  if (key === undefined) return { from: 'ip' }
  if (typeof key === 'string') return { from: key }
  if (key.header !== undefined) return { from: 'header', name: key.header.toLowerCase() }
  if (key.cookie !== undefined) return { from: 'cookie', name: key.cookie }
  return { from: 'query', name: key.query ?? '' }
}

function resolveDiscover(entry: Discover, folder: string): DiscoverConfig {
  const { dns, srv, file, port, scheme, family, servers, minRefresh, maxRefresh } = entry
  if (file !== undefined) return { kind: 'file', file: resolve(folder, file) }
  return {
    kind: srv === undefined ? 'dns' : 'srv',
    name: srv ?? dns ?? '',
    port,
    scheme,
    family,
    servers,
    minRefreshMs: milliseconds(minRefresh),
    maxRefreshMs: Math.max(milliseconds(maxRefresh), milliseconds(minRefresh))
  }
}

function resolveHealth({ active, passive }: Health): UpstreamPolicy['health'] {
  return {
    active: active && resolveActive(active),
    passive: passive === false ? undefined : resolvePassive(passive)
  }
}

function resolveActive({ http, interval, timeout, healthyAfter, unhealthyAfter }: Active): ProbeConfig {
  return {
    http: http && {
      path: http.path,
      method: http.method,
      statuses: resolveStatuses(http.statuses),
      host: http.host
    },
    intervalMs: milliseconds(interval),
    timeoutMs: milliseconds(timeout),
    healthyAfter,
    unhealthyAfter
  }
}

function resolvePassive(passive: Passive): PassiveConfig {
  const { failures, consecutive, maxEjected, rate, latency } = passive
  return {
    failures,
    statuses: resolveStatuses(passive.statuses),
    consecutive,
    rate:
      rate === false ? undefined : { share: rate.share, requests: rate.requests, windowMs: milliseconds(rate.window) },
    latency: latency && {
      factor: latency.factor,
      requests: latency.requests,
      atLeastMs: milliseconds(latency.atLeast),
      windowMs: milliseconds(latency.window)
    },
    ejectionMs: milliseconds(passive.ejection),
    maxEjectionMs: Math.max(milliseconds(passive.maxEjection), milliseconds(passive.ejection)),
    maxEjected
  }
}

function resolveStatuses(statuses: readonly (number | string)[]): number[] {
  return statuses.map(status => (typeof status === 'number' ? status : Number(status[0])))
}

/** Whether `status` is one of these. */
export function hasStatus(statuses: Statuses, status: number): boolean {
  return statuses.includes(status) || statuses.includes(Math.floor(status / 100))
}
