import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const START_TIMEOUT_MS = 15_000
const END_TIMEOUT_MS = 3_000

export interface Child {
  readonly name: string
  readonly pid: number
  readonly process: ChildProcess
  /** What it wrote to standard error so far. */
  complaints(): string
  end(): Promise<void>
}

const running = new Map<number, Child>()

/**
 * Starts `command` pinned to `cores` (a taskset list such as "1" or "0,1"). It leads a process group of its own, so
 * that ending it also ends what it started, and Ctrl-C reaches only the bench, which then ends everything in order.
 */
export function start(name: string, cores: string, command: readonly string[], outputFile?: string): Child {
  const output = outputFile === undefined ? 'pipe' : openSync(outputFile, 'a')
  const child = spawn('taskset', ['-c', cores, ...command], { detached: true, stdio: ['ignore', output, 'pipe'] })
  if (typeof output === 'number') closeSync(output)
  const pid = child.pid
  if (pid === undefined) throw new Error(`${name} could not be started: is taskset (util-linux) installed?`)
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000)
  })
  const started: Child = { name, pid, process: child, complaints: () => complaints, end: () => end(started) }
  running.set(pid, started)
  child.once('exit', () => running.delete(pid))
  return started
}

/** Resolves once `child` accepts connections on `port`; rejects when it ends or takes too long. */
export async function listening(child: Child, port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await accepts(port))) {
    if (hasEnded(child)) throw new Error(`${child.name} ended at start-up: ${child.complaints().trim()}`)
    if (performance.now() > deadline) throw new Error(`${child.name} does not listen on port ${port}`)
    await delay(20)
  }
}

/** Ends every process the bench has started. */
export async function endAll(): Promise<void> {
  await Promise.all([...running.values()].map(end))
}

/** However the bench ends, its processes end with it. Call once, first thing. */
export function endChildrenWithThisProcess(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void endAll().finally(() => process.exit(130)))
  }
  process.once('exit', () => {
    for (const child of running.values()) signalGroup(child, 'SIGKILL')
  })
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** The direct children of a process. */
export function childPids(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

async function end(child: Child): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child.process, 'exit')
  signalGroup(child, 'SIGTERM')
  const late = new AbortController()
  const kill = delay(END_TIMEOUT_MS, undefined, { signal: late.signal }).then(
    () => signalGroup(child, 'SIGKILL'),
    () => undefined // ended in time
  )
  await ended
  late.abort()
  await kill
}

function hasEnded(child: Child): boolean {
  return child.process.exitCode !== null || child.process.signalCode !== null
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has just ended by itself.
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
