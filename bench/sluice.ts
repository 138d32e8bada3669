import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ACROSS_MODEL, FIRST_ACROSS_MODEL, FIRST_MODEL, PACED_ACROSS_MODEL, PACED_MODEL } from './chats.js'
import { freePort, listening, start } from './children.js'
import { BLOCKED_TEXT, ROUTES } from './routes.js'
import { type Contender, type Setup, script } from './setup.js'

export interface SluiceOptions {
  readonly accessLog: boolean
  /** As taskset writes it; both of Sluice's threads run there. */
  readonly cores: string
  /** Event loops; 1 when left out. */
  readonly threads?: number
}

let started = 0

/** `sluice serve` with the routes of the bench, with a plugin thread for each event loop. Standard output goes to a file. */
export async function startSluice(setup: Setup, options: SluiceOptions): Promise<Contender> {
  const port = await freePort()
  const name = `sluice-${++started}`
  const file = join(setup.folder, `${name}.yaml`)
  writeFileSync(file, stringify(config(setup, port, options)))
  const command = ['node', script('../bin/main.js'), 'serve', '-c', file]
  const child = start('sluice', options.cores, command, join(setup.folder, `${name}.log`))
  await listening(child, port)
  const origin = `http://127.0.0.1:${port}`
  await provePoliciesAreOn(origin)
  return { origin, pids: [child.pid], end: () => child.end() }
}

function config(setup: Setup, port: number, { accessLog, threads = 1 }: SluiceOptions): unknown {
  return {
    listen: { host: '127.0.0.1', port },
    log: { level: 'info', access: accessLog },
    threads,
    pluginThreads: threads,
    upstreams: { a: { targets: [setup.upstreams.a] }, b: { targets: [setup.upstreams.b] } },
    ai: aiConfig(setup.mock.origin),
    routes: ROUTES
  }
}

/** The mock as a provider of two dialects. */
function aiConfig(mock: string): unknown {
  const single = (target: string) => ({ strategy: 'single', targets: [target] })
  const account = { baseUrl: `${mock}/v1`, keys: ['bench-key-3f9a51c07d'] }
  return {
    providers: {
      same: { provider: 'openai', ...account, models: ['bench', PACED_MODEL, FIRST_MODEL] },
      other: { provider: 'anthropic', ...account }
    },
    models: {
      [ACROSS_MODEL]: single('other/bench'),
      [PACED_ACROSS_MODEL]: single(`other/${PACED_MODEL}`),
      [FIRST_ACROSS_MODEL]: single(`other/${FIRST_MODEL}`)
    }
  }
}

/** A chain that lets everything through would be quick: what the policies should refuse is tried first. */
async function provePoliciesAreOn(origin: string): Promise<void> {
  await refused(fetch(`${origin}/one/items`), 'a request without a key')
  await refused(fetch(`${origin}/three/items`), 'a request without a key')
  await refused(fetch(`${origin}/four/items`), 'a request without a key')
  await refused(fetch(`${origin}/jwt/items`), 'a request without a token')
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ text: BLOCKED_TEXT })
  await refused(fetch(`${origin}/body/notes`, { method: 'POST', headers, body }), 'a blocked word')
}

async function refused(reply: Promise<Response>, what: string): Promise<void> {
  const { status } = await reply
  if (status < 400 || status >= 500) throw new Error(`sluice answered ${what} with ${status}: its policies are not on`)
}
