import type { Purge } from '../traffic/cache/http-cache.js'
import { type AdminAction, json } from './server.js'

/** Stored replies of one event loop, here or in another thread. */
export interface Purgeable {
  /** @throws RangeError for a URL that is none */
  purge(what: Purge, soft: boolean): number | Promise<number>
}

/** POST /cache/purge: takes stored replies out, and says how many. */
export function purgePage(caches: readonly Purgeable[]): AdminAction {
  return {
    post: async body => {
      const asked = parse(body)
      if (typeof asked === 'string') return json(400, { error: asked })
      try {
        const counts = await Promise.all(caches.map(cache => cache.purge(asked.what, asked.soft)))
        return json(200, { purged: counts.reduce((sum, count) => sum + count, 0) })
      } catch (thrown) {
        if (thrown instanceof RangeError) return json(400, { error: `url is ${thrown.message}` })
        throw thrown
      }
    }
  }
}

const EXPECTED =
  'expected one of {"url": "https://…"}, {"tags": ["…"]}, {"route": "…"} and {"all": true}, maybe with "soft": true'

/** @returns what is wrong with it, as text */
function parse(body: unknown): { what: Purge; soft: boolean } | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return `not an object; ${EXPECTED}`
  const { soft = false, ...given } = Object.fromEntries(Object.entries(body))
  if (typeof soft !== 'boolean') return 'soft is not true or false'
  const [name, ...more] = Object.keys(given)
  if (name === undefined || more.length > 0) return `${Object.keys(given).join(', ') || 'nothing'} is said; ${EXPECTED}`
  const what = purgeOf(name, given[name])
  return what === undefined ? `"${name}" cannot be read; ${EXPECTED}` : { what, soft }
}

function purgeOf(name: string, value: unknown): Purge | undefined {
  switch (name) {
    case 'url':
      return typeof value === 'string' ? { url: value } : undefined
    case 'route':
      return typeof value === 'string' ? { route: value } : undefined
    case 'tags': {
      const tags: string[] = Array.isArray(value) ? value.filter(tag => typeof tag === 'string') : []
      return Array.isArray(value) && tags.length === value.length && tags.length > 0 ? { tags } : undefined
    }
    case 'all':
      return value === true ? { all: true } : undefined
    default:
      return undefined
  }
}
