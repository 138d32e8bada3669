import type { Permissions } from '../base/manifest.js'

/** A set of header names. `all` means every name but the hidden ones, which only `names` can hold. */
export interface NameSet {
  readonly all: boolean
  readonly names: ReadonlySet<string>
  /** A bit for each length its names have: most others are told apart by that alone. */
  readonly lengths: number
}

function setOf(all: boolean, names: ReadonlySet<string>): NameSet {
  let lengths = 0
  for (const { length } of names) lengths |= 1 << length // modulo 32
  return { all, names, lengths }
}

export interface HeaderGrant {
  readonly read: NameSet
  readonly write: NameSet
}

/** Upstreams a plugin may choose, by name. */
export type UpstreamGrant = 'any' | ReadonlySet<string>

export type BodyGrant = 'none' | 'read' | 'write'

/** What one binding may see and do: what the manifest asks, less what the operator does not grant. */
export interface Grants {
  readonly requestHeaders: HeaderGrant
  readonly responseHeaders: HeaderGrant
  readonly requestBody: BodyGrant
  readonly responseBody: BodyGrant
  /** Of AI traffic: what the client asks, and what the model answers. */
  readonly prompt: BodyGrant
  readonly answer: BodyGrant
  readonly rewrite: boolean
  readonly route: UpstreamGrant
  readonly consumer: boolean
  readonly log: boolean
  readonly counters: boolean
  readonly callouts: CalloutGrant
  /** Names of secrets. */
  readonly secrets: ReadonlySet<string>
  readonly store: boolean
  readonly kv: boolean
  /** What of the bag it may read: "plugin.name", "plugin.*", "*". */
  readonly bag: readonly string[]
}

/** Where a plugin may send HTTP requests of its own. */
export interface CalloutGrant {
  readonly upstreams: ReadonlySet<string>
  /** Scheme, host and port, as `URL.origin` writes them. */
  readonly origins: ReadonlySet<string>
}

/** Headers that carry credentials: "*" does not include them. */
const HIDDEN = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])

/** Headers that frame or route the message on the wire: the gateway's own, whatever the manifest asks. */
const RESERVED = new Set([
  'cdn-loop',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via'
])

/** Whether `set` lets the plugin at `name` (lower case). */
export function allows(set: NameSet, name: string): boolean {
  return ((set.lengths & (1 << name.length)) !== 0 && set.names.has(name)) || (set.all && !HIDDEN.has(name))
}

/** Whether headers of that name (lower case) carry credentials. */
export function isCredential(name: string): boolean {
  return HIDDEN.has(name)
}

/** Whether no plugin may ever write `name`. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name)
}

/**
 * The grants of a binding.
 * @param asked - from the manifest; entries "$/pointer" name headers from `settings`
 * @param granted - from the configuration: 'asked' grants all of it
 */
export function grants(asked: Permissions, granted: Permissions | 'asked', settings: unknown): Grants {
  const limit = granted === 'asked' ? asked : granted
  return {
    requestHeaders: headerGrant(asked.requestHeaders, limit.requestHeaders, settings),
    responseHeaders: headerGrant(asked.responseHeaders, limit.responseHeaders, settings),
    requestBody: lesser(asked.requestBody, limit.requestBody),
    responseBody: lesser(asked.responseBody, limit.responseBody),
    prompt: lesser(asked.prompt, limit.prompt),
    answer: lesser(asked.answer, limit.answer),
    rewrite: asked.rewrite === true && limit.rewrite === true,
    route: upstreamGrant(asked.route, limit.route, settings),
    consumer: asked.consumer === true && limit.consumer === true,
    log: asked.log === true && limit.log === true,
    counters: asked.counters === true && limit.counters === true,
    callouts: calloutGrant(both(asked.callouts, limit.callouts, settings)),
    secrets: both(asked.secrets, limit.secrets, settings),
    store: asked.store === true && limit.store === true,
    bag: bothBags(asked.bag ?? [], limit.bag ?? []),
    kv: asked.kv === true && limit.kv === true
  }
}

/** What both lists name, pointers into the settings followed. */
function both(asked: readonly string[] = [], limit: readonly string[] = [], settings: unknown): Set<string> {
  const allowed = named(limit, settings)
  return new Set([...named(asked, settings)].filter(name => allowed.has(name)))
}

function named(entries: readonly string[], settings: unknown): Set<string> {
  return new Set(
    entries
      .flatMap(entry => (entry.startsWith('$') ? stringsAt(settings, entry.slice(2).split('/')) : [entry]))
      .map(asOrigin)
  )
}

/** A URL's origin, for a granted page is a granted server; other names as they are. */
function asOrigin(name: string): string {
  return name.includes('://') && URL.canParse(name) ? new URL(name).origin : name
}

function calloutGrant(names: ReadonlySet<string>): CalloutGrant {
  const isOrigin = (name: string): boolean => name.includes('://')
  return {
    upstreams: new Set([...names].filter(name => !isOrigin(name))),
    origins: new Set([...names].filter(isOrigin))
  }
}

/** Whether a binding may read the bag's entry "plugin.name". */
export function mayRead(bag: readonly string[], entry: string): boolean {
  return bag.some(
    each => each === '*' || each === entry || (each.endsWith('.*') && entry.startsWith(each.slice(0, -1)))
  )
}

/** What both grants allow. */
export function bothGrants(a: Grants, b: Grants): Grants {
  return {
    requestHeaders: bothHeaders(a.requestHeaders, b.requestHeaders),
    responseHeaders: bothHeaders(a.responseHeaders, b.responseHeaders),
    requestBody: lesser(a.requestBody, b.requestBody),
    responseBody: lesser(a.responseBody, b.responseBody),
    prompt: lesser(a.prompt, b.prompt),
    answer: lesser(a.answer, b.answer),
    rewrite: a.rewrite && b.rewrite,
    route: bothUpstreams(a.route, b.route),
    consumer: a.consumer && b.consumer,
    log: a.log && b.log,
    counters: a.counters && b.counters,
    callouts: {
      upstreams: common(a.callouts.upstreams, b.callouts.upstreams),
      origins: common(a.callouts.origins, b.callouts.origins)
    },
    secrets: common(a.secrets, b.secrets),
    store: a.store && b.store,
    kv: a.kv && b.kv,
    bag: bothBags(a.bag, b.bag)
  }
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter(name => b.has(name)))
}

function bothBags(a: readonly string[], b: readonly string[]): string[] {
  return [...a.filter(entry => mayRead(b, entry)), ...b.filter(entry => mayRead(a, entry) && !a.includes(entry))]
}

function bothHeaders(a: HeaderGrant, b: HeaderGrant): HeaderGrant {
  return { read: intersect(a.read, b.read), write: intersect(a.write, b.write) }
}

type AskedHeaders = Permissions['requestHeaders']

function headerGrant(asked: AskedHeaders, limit: AskedHeaders, settings: unknown): HeaderGrant {
  return {
    read: intersect(nameSet(asked?.read, settings), nameSet(limit?.read, settings)),
    write: intersect(nameSet(asked?.write, settings), nameSet(limit?.write, settings))
  }
}

/** The names that entries of a manifest stand for. */
export function nameSet(entries: readonly string[] = [], settings: unknown): NameSet {
  const names = new Set<string>()
  for (const entry of entries) {
    if (entry === '*') continue
    if (entry.startsWith('$'))
      for (const name of stringsAt(settings, entry.slice(2).split('/'))) names.add(name.toLowerCase())
    else names.add(entry)
  }
  return setOf(entries.includes('*'), names)
}

function intersect(a: NameSet, b: NameSet): NameSet {
  const names = [...a.names].filter(name => allows(b, name))
  const more = [...b.names].filter(name => allows(a, name))
  return setOf(a.all && b.all, new Set([...names, ...more]))
}

/** Whether the plugin may send a request to the upstream `name`. */
export function allowsUpstream(grant: UpstreamGrant, name: string): boolean {
  return grant === 'any' || grant.has(name)
}

type AskedUpstreams = Permissions['route']

function upstreamGrant(asked: AskedUpstreams, limit: AskedUpstreams, settings: unknown): UpstreamGrant {
  return bothUpstreams(upstreams(asked, settings), upstreams(limit, settings))
}

function bothUpstreams(a: UpstreamGrant, b: UpstreamGrant): UpstreamGrant {
  if (a === 'any') return b
  return b === 'any' ? a : new Set([...a].filter(name => b.has(name)))
}

function upstreams(entries: AskedUpstreams = false, settings: unknown): UpstreamGrant {
  if (typeof entries === 'boolean') return entries ? 'any' : new Set()
  return named(entries, settings)
}

const ORDER: readonly BodyGrant[] = ['none', 'read', 'write']

function lesser(a: BodyGrant = 'none', b: BodyGrant = 'none'): BodyGrant {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b
}

/** The strings at a JSON pointer, where "*" is every element or member, and "~keys" their names. */
function stringsAt(value: unknown, pointer: readonly string[]): string[] {
  const [step, ...rest] = pointer
  if (step === undefined) {
    if (typeof value === 'string') return [value]
    return Array.isArray(value) ? value.flatMap(item => stringsAt(item, [])) : []
  }
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Object.values(value).flatMap(item => stringsAt(item, rest))
  if (step === '~keys') return Object.keys(value)
  const member: unknown = Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined
  return stringsAt(member, rest)
}
