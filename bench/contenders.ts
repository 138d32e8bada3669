import { freePort, listening, start } from './children.js'
import { startNginx } from './nginx.js'
import { startPortkey } from './portkey.js'
import { type Contender, type Setup, script } from './setup.js'
import { startSluice } from './sluice.js'

/** Every server the bench can put under load, by name. */
export const CONTENDERS = {
  bare: setup => startBare(setup, setup.upstreams.a),
  held: startHeld,
  sluice: setup => startSluice(setup, { accessLog: false, cores: setup.gatewayCore }),
  'sluice+log': setup => startSluice(setup, { accessLog: true, cores: setup.gatewayCore }),
  // The plugin thread has a core to itself when nothing else wants it: at one connection, that is nearly always.
  'sluice-2-cores': setup => startSluice(setup, { accessLog: false, cores: `${setup.gatewayCore},${setup.loadCore}` }),
  'sluice-2-loops': setup =>
    startSluice(setup, { accessLog: false, cores: `${setup.gatewayCore},${setup.loadCore}`, threads: 2 }),
  nginx: setup => startNginx(setup, { upstream: setup.upstreams.a }),
  'nginx+log': setup => startNginx(setup, { upstream: setup.upstreams.a, accessLog: true }),
  'bare-ai': setup => startBare(setup, setup.mock.origin),
  'nginx-ai': setup => startNginx(setup, { upstream: setup.mock.origin, streams: true }),
  portkey: startPortkey,
  // Nothing in between. It ends with the bench.
  mock: async setup => setup.mock
} as const satisfies Record<string, (setup: Setup) => Promise<Contender>>

export type ContenderName = keyof typeof CONTENDERS

async function startBare(setup: Setup, upstream: string): Promise<Contender> {
  const port = await freePort()
  return startScript(setup, 'bare', port, [script('bare.js'), String(port), upstream])
}

/** The upstream itself, where the others are: uWebSockets.js answering from memory, without a look at the headers. */
async function startHeld(setup: Setup): Promise<Contender> {
  const port = await freePort()
  return startScript(setup, 'held', port, [script('upstream.js'), String(port)])
}

async function startScript(setup: Setup, name: string, port: number, command: string[]): Promise<Contender> {
  const child = start(name, setup.gatewayCore, ['node', ...command])
  await listening(child, port)
  return { origin: `http://127.0.0.1:${port}`, pids: [child.pid], end: () => child.end() }
}
