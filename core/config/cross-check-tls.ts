import { isRecord, keysAt, listAt, valueAt } from './json.js'
import type { Path } from './problems.js'

/** What the parts of a configuration that are about sockets and TLS say about each other. */
export function crossCheckTls(value: unknown): { readonly path: Path; readonly message: string }[] {
  return [...samePlaces(value), ...samePort(value), ...nobodyTrusted(value), ...upstreamTls(value)]
}

/** Where each place to listen at is written. */
function places(value: unknown): Path[] {
  const listen = valueAt(value, ['listen'])
  return Array.isArray(listen) ? listen.map((_, index) => ['listen', index]) : [['listen']]
}

function samePlaces(value: unknown) {
  const seen = new Map<string, Path>()
  return places(value).flatMap(path => {
    const host = valueAt(value, [...path, 'host'])
    const port = valueAt(value, [...path, 'port'])
    if (typeof host !== 'string' || typeof port !== 'number' || port === 0) return []
    const key = `${host} ${port}`
    const first = seen.get(key)
    seen.set(key, first ?? path)
    if (first === undefined) return []
    return [{ path: [...path, 'port'], message: `${port} is listen[${first[1]}].port too; expected another port` }]
  })
}

/** The clients' ports and the operators': one process cannot have one twice. */
function samePort(value: unknown) {
  const port = valueAt(value, ['admin', 'port'])
  if (typeof port !== 'number' || port === 0) return []
  const clash = places(value).find(path => valueAt(value, [...path, 'port']) === port)
  if (clash === undefined) return []
  const name = clash[1] === undefined ? 'listen.port' : `listen[${clash[1]}].port`
  return [{ path: ['admin', 'port'], message: `${port} is ${name} too; expected another port` }]
}

function nobodyTrusted(value: unknown) {
  if (listAt(value, ['trustedProxies']).length > 0) return []
  return places(value)
    .filter(path => valueAt(value, [...path, 'proxyProtocol']) === true)
    .map(path => ({
      path: [...path, 'proxyProtocol'],
      message: 'trusts those in trustedProxies, and there are none: every connection would be refused'
    }))
}

function upstreamTls(value: unknown) {
  return keysAt(value, ['upstreams']).flatMap(name => {
    const path = ['upstreams', name, 'tls']
    const tls = valueAt(value, path)
    if (!isRecord(tls)) return []
    const problems: { path: Path; message: string }[] = []
    if ((tls.cert === undefined) !== (tls.key === undefined)) {
      const [there, missing] = tls.cert === undefined ? ['key', 'cert'] : ['cert', 'key']
      problems.push({ path: [...path, there], message: `has no "${missing}" beside it; expected both or neither` })
    }
    const targets = listAt(value, ['upstreams', name, 'targets'])
    const allPlain = targets.every(target => typeof target === 'string' && /^http:/i.test(target))
    if (targets.length > 0 && allPlain) problems.push({ path, message: 'is of no use: no target begins with https://' })
    return problems
  })
}
