import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** The repository, seen from the compiled tests. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The `sluice` command as the tests run it. */
export const SLUICE = [process.execPath, `${ROOT}build/bin/main.js`] as const

export interface RunOptions {
  readonly cwd?: string
  /** Added to the environment of the tests; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export async function finished(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { ...spawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

/** Runs `sluice` with these arguments to its end. */
export function sluice(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return finished([...SLUICE, ...args], options)
}

/** A process that runs until the test ends, with the lines it has printed. */
export interface Running {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  /** Resolves when it has printed as many lines that `wanted` accepts. @returns the last of them */
  until(wanted: (line: string) => boolean, count?: number): Promise<string>
  /** Asks it to end. @returns its exit code, or the signal that ended it, when all it printed is in `lines` */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/**
 * Starts a command and waits for the first line of its output that `ready` accepts.
 * @throws Error with all it printed, when it ends before that
 */
export async function running(
  t: Pick<Test, 'teardown'>,
  command: readonly string[],
  ready: (line: string) => boolean,
  options: RunOptions = {}
): Promise<Running> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { ...spawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await closed
    return child.exitCode ?? child.signalCode
  }
  t.teardown(() => end())
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', line => {
      lines.push(line)
      for (const look of waiting) look()
    })
  }
  const until = (wanted: (line: string) => boolean, count = 1): Promise<string> =>
    new Promise(resolve => {
      const look = (): void => {
        const found = lines.filter(wanted)[count - 1]
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  const isReady = until(ready)
  const tooEarly = closed.then(() => {
    throw new Error(`${command.join(' ')} ended too early:\n${lines.join('\n')}`)
  })
  tooEarly.catch(() => undefined) // once it is ready, its end is no error
  await Promise.race([isReady, tooEarly])
  return { process: child, lines, until, end }
}

/** Below those that the system itself gives away: one of them could be the end of somebody's connection before anybody listens on it. */
const [FIRST_PORT, LAST_PORT] = [12_000, 32_767]

/** Ports that nobody uses now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1))
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const free = await once(server, 'listening').then(
    () => true,
    () => false
  )
  if (free) await new Promise(resolve => server.close(resolve))
  return free
}

/** Without tap's module loader, which every process and thread below would start with: users have none, and it takes as long as Sluice. */
function spawnOptions({ cwd, env }: RunOptions) {
  return { cwd: cwd ?? ROOT, env: { ...process.env, NODE_OPTIONS: undefined, ...env } }
}
