import { Agent, request } from 'node:http'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** What the load saw since it was last asked. */
export interface LoadReport {
  /** Replies that were as expected. */
  readonly served: number
  /** Everything else, the first few of it. */
  readonly failures: readonly string[]
  readonly slowestMs: number
}

/** The routes of the load, and what their upstream says of a request that their policies have seen. */
export const STEADY = { plain: 'untouched', policies: 'policed' } as const

const CLIENTS_EACH = 2
/** Between two requests of a client: a load, not a flood, or the machine would be what is measured. */
const PAUSE_MS = 4

export interface Load {
  /** Takes the figures, and begins anew. */
  report(): Promise<LoadReport>
  /** Resolves when each route has served as many more. */
  served(count: number): Promise<void>
}

/** A steady load on the gateway at `port`, from a thread of its own, until the test ends. */
export async function startLoad(t: { teardown(end: () => unknown): void }, port: number): Promise<Load> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port } })
  t.teardown(() => worker.terminate())
  const ask = <Answer>(question: number): Promise<Answer> =>
    new Promise(resolve => {
      worker.once('message', resolve)
      worker.postMessage(question)
    })
  const load: Load = { report: () => ask(0), served: count => ask(count) }
  await load.served(10)
  return load
}

if (!isMainThread && parentPort !== null) {
  const { port }: { port: number } = workerData
  const counts = new Map<string, number>()
  const failures: string[] = []
  let slowestMs = 0
  let number = 0
  let wanted: Map<string, number> | undefined

  const answer = (value: unknown): void => parentPort?.postMessage(value)
  parentPort.on('message', (count: number) => {
    if (count > 0) {
      wanted = new Map(Object.keys(STEADY).map(route => [route, (counts.get(route) ?? 0) + count]))
      return
    }
    const served = [...counts.values()].reduce((sum, each) => sum + each, 0)
    answer({ served, failures: failures.splice(0), slowestMs } satisfies LoadReport)
    counts.clear()
    slowestMs = 0
  })

  const one = (agent: Agent, route: keyof typeof STEADY): Promise<string> =>
    new Promise(resolve => {
      const path = `/steady-${route}/${++number}`
      const start = performance.now()
      const sent = request({ port, host: '127.0.0.1', agent, path }, reply => {
        let body = ''
        reply.setEncoding('utf8').on('data', chunk => {
          body += chunk
        })
        reply.on('error', error => resolve(`${path}: ${error.message}`))
        reply.on('end', () => {
          slowestMs = Math.max(slowestMs, performance.now() - start)
          const right = reply.statusCode === 200 && body === `${path} ${STEADY[route]}`
          const marked = reply.headers['x-steady'] === (route === 'plain' ? undefined : 'yes')
          resolve(right && marked ? '' : `${path}: ${reply.statusCode} ${body.slice(0, 200)}`)
        })
      })
      sent.on('error', error => resolve(`${path}: ${error.message}`)).end()
    })

  const client = async (route: keyof typeof STEADY): Promise<never> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (;;) {
      const failure = await one(agent, route)
      if (failure === '') counts.set(route, (counts.get(route) ?? 0) + 1)
      else if (failures.length < 10) failures.push(failure)
      if (wanted !== undefined && [...wanted].every(([each, count]) => (counts.get(each) ?? 0) >= count)) {
        wanted = undefined
        answer(undefined)
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }
  for (const route of ['plain', 'policies'] as const) for (let i = 0; i < CLIENTS_EACH; i++) void client(route)
}
