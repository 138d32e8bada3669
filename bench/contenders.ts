import { freePort, listening, start } from './children.js'
import { startNginx } from './nginx.js'
import { type Contender, type Setup, script } from './setup.js'
import { startSluice } from './sluice.js'

/** Every server the bench can put under load, by name. */
export const CONTENDERS = {
  bare: startBare,
  sluice: setup => startSluice(setup, { accessLog: false, cores: setup.gatewayCore }),
  'sluice+log': setup => startSluice(setup, { accessLog: true, cores: setup.gatewayCore }),
  // The plugin thread has a core to itself when nothing else wants it: at one connection, that is nearly always.
  'sluice-2-cores': setup => startSluice(setup, { accessLog: false, cores: `${setup.gatewayCore},${setup.loadCore}` }),
  'sluice-2-loops': setup =>
    startSluice(setup, { accessLog: false, cores: `${setup.gatewayCore},${setup.loadCore}`, threads: 2 }),
  nginx: setup => startNginx(setup, false),
  'nginx+log': setup => startNginx(setup, true)
} as const satisfies Record<string, (setup: Setup) => Promise<Contender>>

export type ContenderName = keyof typeof CONTENDERS

async function startBare(setup: Setup): Promise<Contender> {
  const port = await freePort()
  const child = start('bare', setup.gatewayCore, ['node', script('bare.js'), String(port), setup.upstreams.a])
  await listening(child, port)
  return { origin: `http://127.0.0.1:${port}`, pids: [child.pid], end: () => child.end() }
}
