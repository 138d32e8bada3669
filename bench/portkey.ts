import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, listening, start } from './children.js'
import type { Contender, Setup } from './setup.js'

/**
 * The package has no lock file, and with the newest versions its dependencies allow streams fail. node-server is as in the lock file of its
 * repository at 1.8.2, the newest one at hand; hono and node-ws are the oldest that 1.15.2 allows. The other dependencies are the newest.
 */
const PACKAGE = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5', '@hono/node-ws': '1.2.0' }
}

/** Portkey's gateway, installed into the folder of the run. @throws Error when it cannot be installed */
export async function startPortkey(setup: Setup): Promise<Contender> {
  const folder = join(setup.folder, 'portkey')
  if (!existsSync(folder)) await install(folder)
  const port = await freePort()
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  const command = ['env', 'NODE_ENV=production', 'node', entry, '--headless', `--port=${port}`]
  const child = start('portkey', setup.gatewayCore, command, join(folder, 'output.log'))
  await listening(child, port)
  return { origin: `http://127.0.0.1:${port}`, pids: [child.pid], end: () => child.end() }
}

/** Its scripts are for those who develop it. */
async function install(folder: string): Promise<void> {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(PACKAGE))
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  npm.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-1_000)
  })
  const [code] = await once(npm, 'close')
  if (code !== 0) throw new Error(`npm cannot install @portkey-ai/gateway: ${complaints.trim()}`)
}
