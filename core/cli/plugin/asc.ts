import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GatewayError } from '../../base/errors.js'
import { PACKAGE_ROOT } from '../../base/paths.js'
import type { Compilation, Compiled } from './asc-process.js'

export interface Compiler {
  /** Its module: what "assemblyscript/asc" stands for. */
  readonly file: string
  readonly version: string
}

export interface Run {
  /** null when it was ended because the time was up. */
  readonly exitCode: number | null
  /** What it printed, both streams. */
  readonly output: string
}

/**
 * The AssemblyScript compiler: the one installed with the plugin, else the one installed with Sluice.
 * @throws GatewayError GW_PLUGIN_INVALID saying how to install it
 */
export function findCompiler(dir: string): Compiler {
  for (const base of [dir, PACKAGE_ROOT]) {
    try {
      const file = createRequire(pathToFileURL(join(base, 'package.json'))).resolve('assemblyscript/package.json')
      return { file: join(dirname(file), 'dist', 'asc.js'), version: text(readJson(file), 'version') }
    } catch {
      // Not there: the next place.
    }
  }
  const wanted = text(member(readJson(join(PACKAGE_ROOT, 'package.json')), 'peerDependencies'), 'assemblyscript')
  throw new GatewayError(
    'GW_PLUGIN_INVALID',
    `${dir}: the AssemblyScript compiler is not installed; run "npm install --save-dev assemblyscript@${wanted}" there`
  )
}

/** Processes that wait for their next compilation, with the compiler they have loaded. */
const idle = new Map<ChildProcess, string>()

/** Runs the compiler in `dir` and waits for it, `timeoutMs` at most: its optimizer can go on for ever. */
export function runCompiler({ file }: Compiler, args: readonly string[], dir: string, timeoutMs: number): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = takeIdle(file) ?? startCompiler(file)
    hold(child)
    let printed = ''
    let late = false
    const print = (chunk: string): void => {
      printed += chunk
    }
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const leave = (): void => {
      clearTimeout(timer)
      child.stderr?.off('data', print)
      child.off('message', onDone).off('error', onError).off('close', onEnd)
    }
    const onDone = (compiled: unknown): void => {
      if (!isCompiled(compiled)) return
      leave()
      if (compiled.last) child.kill('SIGKILL')
      else idle.set(child, file)
      letGo(child)
      resolve(compiled)
    }
    const onError = (error: Error): void => {
      leave()
      child.kill('SIGKILL')
      reject(error)
    }
    // It was late, or the compiler has crashed: that ends its process.
    const onEnd = (code: number | null): void => {
      leave()
      resolve({ exitCode: late ? null : code || 1, output: printed })
    }
    child.stderr?.on('data', print)
    child.on('message', onDone).on('error', onError).on('close', onEnd)
    const compilation: Compilation = { args, dir }
    child.send(compilation, error => {
      if (error !== null) onError(error)
    })
  })
}

function isCompiled(message: unknown): message is Compiled {
  return typeof message === 'object' && message !== null && 'exitCode' in message
}

function takeIdle(file: string): ChildProcess | undefined {
  for (const [child, loaded] of idle) {
    if (loaded !== file) continue
    idle.delete(child)
    return child
  }
  return undefined
}

function startCompiler(file: string): ChildProcess {
  const child = fork(new URL('./asc-process.js', import.meta.url), [file], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  child.stderr?.setEncoding('utf8')
  return child.on('exit', () => idle.delete(child))
}

/** This process does not end before `child` has said what came of it. */
function hold(child: ChildProcess): void {
  for (const each of handles(child)) each.ref()
}

/** Ends with this process, which does not wait for it: its channel is closed then. */
function letGo(child: ChildProcess): void {
  for (const each of handles(child)) each.unref()
}

function handles(child: ChildProcess): { ref(): void; unref(): void }[] {
  const { channel, stderr } = child
  return [child, ...(channel ? [channel] : []), ...(stderr instanceof Socket ? [stderr] : [])]
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function text(value: unknown, name: string): string {
  const found = member(value, name)
  return typeof found === 'string' ? found : 'latest'
}
