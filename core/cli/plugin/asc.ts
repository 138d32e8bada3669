import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GatewayError } from '../../base/errors.js'
import { PACKAGE_ROOT } from '../../base/paths.js'

export interface Compiler {
  /** The program to run with node. */
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
      return { file: join(dirname(file), 'bin', 'asc.js'), version: text(readJson(file), 'version') }
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

/**
 * Its optimizer is WASM that runs for a few seconds: V8 would spend a third of the time of the processor on optimizing that. Set from within,
 * where a version of V8 that does not know the flag passes over it.
 */
const NOT_OPTIMIZED = `data:text/javascript,import{setFlagsFromString}from'node:v8';setFlagsFromString('--liftoff-only')`

/** Runs the compiler in `dir` and waits for it, `timeoutMs` at most: its optimizer can go on for ever. */
export function runCompiler(compiler: Compiler, args: readonly string[], dir: string, timeoutMs: number): Promise<Run> {
  return new Promise((resolve, reject) => {
    // Without --enable-source-maps asc starts itself once more, and that process would outlive a kill.
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', NOT_OPTIMIZED, compiler.file, ...args], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    let late = false
    const keep = (chunk: string) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutMs)
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ exitCode: late ? null : (code ?? 1), output })
    })
  })
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
