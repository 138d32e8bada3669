import { request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { type RunningSluice, startSluice } from './sluice.js'
import { recordingUpstream, type Seen } from './upstream.js'

export interface CachedSluice extends RunningSluice {
  /** What the upstream got, in order. */
  readonly seen: Seen[]
  get(path: string, headers?: Record<string, string>, method?: string): Promise<CachedReply>
}

export interface CachedReply {
  readonly status: number
  readonly text: string
  /** What the cache says it did, without Sluice's name. */
  readonly did: string
  header(name: string): string | undefined
}

/** One request by Node's own client, which adds nothing to it: `fetch` makes its own Cache-Control. */
export function plainRequest(
  port: number,
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  method = 'GET'
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    request.on('error', reject)
    request.end()
  })
}

/** A route with a cache in front of an upstream. */
export async function cachedSluice(
  t: Test,
  cache: Record<string, unknown>,
  answer: (request: Seen, response: ServerResponse, count: number) => void,
  more: Record<string, unknown> = {}
): Promise<CachedSluice> {
  let count = 0
  const { port, seen } = await recordingUpstream(t, (request, response) => {
    response.setHeader('date', new Date(Date.now()).toUTCString()) // Node's own does not notice a test's clock
    answer(request, response, ++count)
  })
  const { route = {}, ...sections } = more
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${port}`], retries: { attempts: 0 } } }, // each try would count
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache, ...(route as object) }],
    ...sections
  })
  const get: CachedSluice['get'] = async (path, headers = {}, method = 'GET') => {
    const { status, text, headers: given } = await plainRequest(sluice.port, path, headers, method)
    const header = (name: string): string | undefined => given[name]?.toString()
    return { status, text, header, did: (header('cache-status') ?? '').replace(/^sluice; /, '') }
  }
  return { ...sluice, seen, get }
}
