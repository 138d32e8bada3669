import { AI_CASES } from './ai-cases.js'
import type { ContenderName } from './contenders.js'
import type { TrafficName } from './traffic.js'

export interface Column {
  readonly name: string
  readonly contender: ContenderName
  readonly traffic: TrafficName
  /** What it is warmed up with, where its own traffic is too little to compile what it passes through; else its own. */
  readonly warmUp?: TrafficName
  /** The column of the same round it is compared with. */
  readonly against?: string
}

/**
 * What a bar limits: CPU-µs per request, the ratio of it to the reference, or the p50 added to it in milliseconds. speedUp
 * is the ratio of requests per second, and the one that must not be under its limit.
 */
export type Figure = 'cpu' | 'cpuRatio' | 'addedP50' | 'speedUp'

export interface Bar {
  readonly says: string
  readonly column: string
  readonly figure: Figure
  readonly limit: number
  /** The figure must not be under its limit, instead of not over it. */
  readonly atLeast?: true
}

export interface Case {
  readonly name: string
  readonly title: string
  /** One set of rounds for each. */
  readonly connections: readonly number[]
  /** --connections does not change it: it is about just these. */
  readonly atRest?: true
  /** One round of so many seconds, whatever is asked for. */
  readonly once?: number
  /** What CPU time is divided by; left out: requests. Of streams the latencies are those of the first token. */
  readonly unit?: 'event'
  readonly columns: readonly Column[]
  readonly bars: readonly Bar[]
}

/** What the bench measures, and what is asked of it. */
export const CASES: readonly Case[] = [
  {
    name: 'plain',
    title: 'plain proxy, 104-byte JSON',
    connections: [64, 32],
    columns: [
      { name: 'bare', contender: 'bare', traffic: 'plain' },
      { name: 'sluice', contender: 'sluice', traffic: 'plain', against: 'bare' },
      { name: 'sluice+log', contender: 'sluice+log', traffic: 'plain', against: 'bare' },
      { name: 'nginx', contender: 'nginx', traffic: 'plain', against: 'bare' },
      { name: 'nginx+log', contender: 'nginx+log', traffic: 'plain', against: 'bare' }
    ],
    bars: [
      { says: 'plain proxy: CPU ≤ 1.25× bare', column: 'sluice', figure: 'cpuRatio', limit: 1.25 },
      { says: 'plain proxy with access log: CPU ≤ 1.25× bare', column: 'sluice+log', figure: 'cpuRatio', limit: 1.25 }
    ]
  },
  {
    name: 'nginx',
    title: 'replies of 2 KiB, beside nginx',
    connections: [64],
    columns: [
      { name: 'nginx', contender: 'nginx', traffic: 'reply2k' },
      { name: 'sluice', contender: 'sluice', traffic: 'reply2k', against: 'nginx' },
      { name: 'nginx, with ids', contender: 'nginx', traffic: 'varied2k' },
      { name: 'sluice, with ids', contender: 'sluice', traffic: 'varied2k', against: 'nginx, with ids' },
      { name: 'bare', contender: 'bare', traffic: 'reply2k', against: 'nginx' }
    ],
    bars: [{ says: '2 KiB replies: CPU ≤ 2× nginx', column: 'sluice', figure: 'cpuRatio', limit: 2 }]
  },
  {
    name: 'nginx',
    title: 'replies of 100 KiB, beside nginx',
    connections: [64],
    columns: [
      { name: 'nginx', contender: 'nginx', traffic: 'reply100k' },
      { name: 'sluice', contender: 'sluice', traffic: 'reply100k', against: 'nginx' },
      { name: 'bare', contender: 'bare', traffic: 'reply100k', against: 'nginx' }
    ],
    bars: [{ says: '100 KiB replies: CPU ≤ 2× nginx', column: 'sluice', figure: 'cpuRatio', limit: 2 }]
  },
  {
    name: 'cached',
    title: 'a stored reply of 2 KiB, beside the same one proxied, and from the memory of a bare server',
    connections: [64],
    columns: [
      { name: 'proxied', contender: 'sluice', traffic: 'reply2k' },
      { name: 'stored', contender: 'sluice', traffic: 'cached2k', against: 'proxied' },
      // What is left of a hit when the cache costs nothing.
      { name: 'held', contender: 'held', traffic: 'reply2k', against: 'proxied' },
      // What the same is to a proxy that does nothing else.
      { name: 'bare', contender: 'bare', traffic: 'reply2k', against: 'proxied' }
    ],
    bars: [
      { says: 'stored replies: CPU ≤ 0.4× proxied (2.5× as many)', column: 'stored', figure: 'cpuRatio', limit: 0.4 }
    ]
  },
  {
    name: 'cached',
    title: 'a stored reply of 100 KiB, beside the same one proxied',
    connections: [64],
    columns: [
      { name: 'proxied', contender: 'sluice', traffic: 'reply100k' },
      { name: 'stored', contender: 'sluice', traffic: 'cached100k', against: 'proxied' }
    ],
    bars: [
      { says: 'stored, 100 KiB: CPU ≤ 0.4× proxied (2.5× as many)', column: 'stored', figure: 'cpuRatio', limit: 0.4 }
    ]
  },
  {
    name: 'hold',
    title: '256 connections for a minute, every reply checked',
    connections: [256],
    atRest: true,
    once: 60,
    columns: [{ name: 'sluice', contender: 'sluice', traffic: 'reply2k' }],
    bars: []
  },
  {
    name: 'cores',
    title: 'one event loop and two, both cores, shared with the load',
    connections: [64],
    columns: [
      { name: 'one loop', contender: 'sluice-2-cores', traffic: 'one' },
      { name: 'two loops', contender: 'sluice-2-loops', traffic: 'one', against: 'one loop' }
    ],
    bars: []
  },
  {
    name: 'one',
    title: 'one plugin, and four together',
    connections: [32],
    columns: [
      { name: 'plain', contender: 'sluice', traffic: 'plain' },
      { name: 'auth-key', contender: 'sluice', traffic: 'one', against: 'plain' },
      { name: 'rate-limit', contender: 'sluice', traffic: 'limited', against: 'plain' },
      { name: 'transform-headers', contender: 'sluice', traffic: 'transformed', against: 'plain' },
      { name: 'with cors, all four', contender: 'sluice', traffic: 'four', against: 'plain' }
    ],
    bars: [
      { says: 'auth-key: CPU ≤ 1.3× plain', column: 'auth-key', figure: 'cpuRatio', limit: 1.3 },
      { says: 'rate-limit: CPU ≤ 1.3× plain', column: 'rate-limit', figure: 'cpuRatio', limit: 1.3 },
      { says: 'transform-headers: CPU ≤ 1.3× plain', column: 'transform-headers', figure: 'cpuRatio', limit: 1.3 },
      { says: 'the three and cors: CPU ≤ 1.65× plain', column: 'with cors, all four', figure: 'cpuRatio', limit: 1.65 }
    ]
  },
  {
    name: 'jwt',
    title: 'auth-jwt, with tokens never seen before and with one that was',
    connections: [32],
    columns: [
      // A token is 250 to 500 bytes that a plain proxy carries, too.
      { name: 'plain, HS256', contender: 'sluice', traffic: 'plainHs256' },
      { name: 'plain, RS256', contender: 'sluice', traffic: 'plainRs256' },
      { name: 'HS256, fresh', contender: 'sluice', traffic: 'hs256Fresh', against: 'plain, HS256' },
      { name: 'HS256, seen', contender: 'sluice', traffic: 'hs256Seen', against: 'plain, HS256' },
      { name: 'RS256, seen', contender: 'sluice', traffic: 'rs256Seen', against: 'plain, RS256' }
    ],
    bars: [
      {
        says: 'auth-jwt HS256, fresh tokens: CPU ≤ 1.5× plain',
        column: 'HS256, fresh',
        figure: 'cpuRatio',
        limit: 1.5
      },
      { says: 'auth-jwt HS256, seen: CPU ≤ 1.35× plain', column: 'HS256, seen', figure: 'cpuRatio', limit: 1.35 },
      { says: 'auth-jwt RS256, seen: CPU ≤ 1.35× plain', column: 'RS256, seen', figure: 'cpuRatio', limit: 1.35 }
    ]
  },
  {
    name: 'three',
    title: 'three plugins (auth-key, transform-headers, routing-split)',
    connections: [32],
    columns: [
      { name: 'plain', contender: 'sluice', traffic: 'plain' },
      { name: 'three', contender: 'sluice', traffic: 'three', against: 'plain' }
    ],
    bars: [{ says: 'three plugins: CPU ≤ 1.5× plain', column: 'three', figure: 'cpuRatio', limit: 1.5 }]
  },
  {
    name: 'three',
    title: 'three plugins at rest, plugin thread on the same core and on its own',
    connections: [1],
    atRest: true,
    columns: [
      { name: 'plain', contender: 'sluice', traffic: 'plain' },
      { name: 'three', contender: 'sluice', traffic: 'three', against: 'plain' },
      { name: 'plain, 2 cores', contender: 'sluice-2-cores', traffic: 'plain' },
      { name: 'three, 2 cores', contender: 'sluice-2-cores', traffic: 'three', against: 'plain, 2 cores' }
    ],
    bars: [
      { says: 'three plugins at rest: added p50 ≤ 0.25 ms', column: 'three', figure: 'addedP50', limit: 0.25 },
      { says: 'the same, own core: added p50 ≤ 0.25 ms', column: 'three, 2 cores', figure: 'addedP50', limit: 0.25 }
    ]
  },
  {
    name: 'body64k',
    title: '64 KiB request body, scanned by a plugin (moderation-blocklist)',
    connections: [32],
    columns: [
      { name: 'plain', contender: 'sluice', traffic: 'plainBody' },
      { name: 'scanned', contender: 'sluice', traffic: 'body', against: 'plain' },
      { name: 'bare', contender: 'bare', traffic: 'plainBody', against: 'plain' }
    ],
    bars: [{ says: '64 KiB body through a plugin: CPU ≤ 500 µs', column: 'scanned', figure: 'cpu', limit: 500 }]
  },
  ...AI_CASES
]

/** Many requests through the three-plugin chain: memory must be where it was. */
export const SOAK = {
  name: 'soak',
  title: 'memory over many requests through three plugins',
  warmUpRequests: 20_000,
  requests: 50_000,
  connections: 32,
  bar: { says: '50,000 requests through three plugins: RSS ± 10 %', limit: 0.1 }
} as const

/** Connections that are open and silent. */
export const IDLE = {
  name: 'idle',
  title: 'memory of idle keep-alive connections',
  connections: 10_000,
  warmUpConnections: 64,
  warmUpSeconds: 5,
  bar: { says: '10,000 idle connections: ≤ 150 MB', limit: 150 }
} as const

/** Single hook calls, without a server around them (calls.ts). */
export const CALLS = {
  name: 'calls',
  title: 'single calls, on one thread',
  bars: {
    rs256Share: { says: 'auth-jwt RS256: share of bare node:crypto verification ≥ 0.6', limit: 0.6 },
    piiMicroseconds: { says: 'moderation-pii, 4 KiB: ≤ 150 µs', limit: 150 }
  }
} as const

export const CASE_NAMES: readonly string[] = [
  ...new Set(CASES.map(each => each.name)),
  SOAK.name,
  IDLE.name,
  CALLS.name
]
