import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative, resolve } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS, type Manifest } from '../../base/manifest.js'
import { PLUGIN_SDK } from '../../base/paths.js'
import { readManifest } from '../../plugin-host/load.js'
import { type Compiler, findCompiler, runCompiler } from './asc.js'
import { checkModule } from './check-module.js'
import { fileDigest, sourceDigest } from './digest.js'
import { exportedNames, hintsFor } from './hints.js'

export interface BuildOptions {
  /** The SDK to compile against; that of this Sluice when left out. */
  readonly sdkDir?: string
  /** Prints nothing. */
  readonly quiet?: boolean
  /** Compiles even when nothing changed. */
  readonly force?: boolean
  /** Time for one run of the compiler, milliseconds. */
  readonly timeoutMs?: number
  /** The compiler; found by itself when left out. */
  readonly compiler?: Compiler
}

export interface Built {
  readonly name: string
  /** The WASM file, absolute. */
  readonly file: string
  readonly bytes: number
  /** The optimization it was compiled with; undefined when it was up to date and was not compiled. */
  readonly level: string | undefined
}

const ENTRY = 'assembly/index.ts'
const ABORT = 'abort=~lib/@sluice/plugin-sdk/assembly/abort/abort'
const FLAGS = ['--runtime', 'incremental', '--exportStart', '_initialize', '--use', ABORT, '--noColors']

/** Best first. The optimizer hangs on some sources at the higher levels (two self-recursive calls are enough). */
const LEVELS = ['-O2', '-Os', '-O1']
const TIMEOUT_MS = 60_000
const AT_ONCE = 2

/**
 * Compiles the plugin in `dir` to the file its manifest names, unless that is up to date.
 * @throws GatewayError GW_PLUGIN_INVALID with the compiler's messages and hints
 */
export async function buildPlugin(dir: string, options: BuildOptions = {}): Promise<Built> {
  const folder = resolve(dir)
  const sdkDir = resolve(options.sdkDir ?? PLUGIN_SDK)
  const { manifest, file } = await readManifest(folder)
  if (!existsSync(join(folder, ENTRY))) throw invalid(folder, `there is no ${ENTRY}`)
  const compiler = options.compiler ?? findCompiler(folder)
  const flags = flagsFor(manifest)
  const stamp = `${file}.stamp`
  const digest = digestOf(folder, sdkDir, compiler, manifest)

  if (!options.force && upToDate(stamp, digest, file)) return report(manifest, file, undefined, folder, options)
  mkdirSync(join(file, '..'), { recursive: true })
  const level = await compile(folder, sdkDir, file, { ...options, compiler, flags, manifest })
  writeFileSync(stamp, `${digest} ${fileDigest(file)}\n`)
  return report(manifest, file, level, folder, options)
}

/** Whether the plugin in `dir` is made by this compiler: one that is made elsewhere has its module, and no folder "assembly". */
export async function hasSources(dir: string): Promise<boolean> {
  const { folder, file } = await readManifest(resolve(dir))
  return existsSync(join(folder, 'assembly')) || !existsSync(file)
}

/** What to say of a module that is not. */
export const STALE = 'the module is older than its sources: run "sluice plugin build"'

/** Whether the module of the plugin in `dir` is what its sources make. True where that cannot be told: no sources, no compiler. */
export async function isUpToDate(dir: string): Promise<boolean> {
  const folder = resolve(dir)
  const { manifest, file } = await readManifest(folder)
  if (!existsSync(join(folder, ENTRY))) return true
  try {
    return upToDate(`${file}.stamp`, digestOf(folder, PLUGIN_SDK, findCompiler(folder), manifest), file)
  } catch {
    return true
  }
}

/**
 * Builds several plugins, two at a time, each as far as it gets.
 * @throws GatewayError GW_PLUGIN_INVALID with what every failed one said
 */
export async function buildPlugins(dirs: readonly string[], options: BuildOptions = {}): Promise<Built[]> {
  const built: (Built | undefined)[] = dirs.map(() => undefined)
  const failures: unknown[] = []
  const queue = dirs.entries()
  const work = async () => {
    for (const [index, dir] of queue) {
      try {
        built[index] = await buildPlugin(dir, options)
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) {
    const messages = failures.map(each => (each instanceof Error ? each.message : String(each)))
    throw new GatewayError('GW_PLUGIN_INVALID', messages.join('\n\n'), { cause: new AggregateError(failures) })
  }
  return built.filter(each => each !== undefined)
}

function flagsFor({ limits }: Manifest): string[] {
  return [...FLAGS, '--maximumMemory', String(limits?.memoryPages ?? DEFAULT_LIMITS.memoryPages)]
}

function digestOf(folder: string, sdkDir: string, compiler: Compiler, manifest: Manifest): string {
  const how = [compiler.version, JSON.stringify(manifest), ...flagsFor(manifest), ...LEVELS]
  return sourceDigest(folder, resolve(sdkDir), how)
}

interface Job extends BuildOptions {
  readonly compiler: Compiler
  readonly flags: readonly string[]
  readonly manifest: Manifest
}

/** Compiles with the first optimization level that ends in time; returns it. */
async function compile(folder: string, sdkDir: string, file: string, job: Job): Promise<string> {
  // asc looks for "@sluice/plugin-sdk/assembly" in --lib folders first, wherever the plugin lies.
  const lib = mkdtempSync(join(tmpdir(), 'sluice-build-'))
  const draft = `${file}.${basename(lib)}.tmp`
  const timeoutMs = job.timeoutMs ?? TIMEOUT_MS
  try {
    mkdirSync(join(lib, '@sluice'))
    symlinkSync(sdkDir, join(lib, '@sluice', 'plugin-sdk'), 'junction')
    for (const level of LEVELS) {
      const args = [ENTRY, '--outFile', relative(folder, draft), '--lib', lib, level, ...job.flags]
      const { exitCode, output } = await runCompiler(job.compiler, args, folder, timeoutMs)
      if (exitCode === null) continue
      const sdkNames = exportedNames(readFileSync(join(sdkDir, 'assembly', 'index.ts'), 'utf8'))
      if (exitCode !== 0)
        throw invalid(folder, ['does not compile', output.trim(), ...hintsFor(output, sdkNames)].join('\n'))
      const problems = checkModule(readFileSync(draft), job.manifest, folder)
      if (problems.length > 0) throw invalid(folder, problems.join('; '))
      renameSync(draft, file)
      return level
    }
  } finally {
    rmSync(lib, { recursive: true, force: true })
    rmSync(draft, { force: true })
  }
  throw invalid(folder, `the compiler did not end within ${timeoutMs} ms, at any of ${LEVELS.join(', ')}`)
}

function upToDate(stamp: string, digest: string, file: string): boolean {
  try {
    return readFileSync(stamp, 'utf8') === `${digest} ${fileDigest(file)}\n`
  } catch {
    return false
  }
}

function report(
  manifest: Manifest,
  file: string,
  level: string | undefined,
  folder: string,
  options: BuildOptions
): Built {
  const bytes = readFileSync(file).length
  if (!options.quiet) {
    const how =
      level === undefined ? 'up to date' : level === LEVELS[0] ? 'built' : `built with ${level}, the optimizer hung`
    console.log(`${manifest.name}: ${relative(folder, file)}, ${(bytes / 1024).toFixed(1)} KiB, ${how}`)
  }
  return { name: manifest.name, file, bytes, level }
}

function invalid(folder: string, message: string): GatewayError {
  return new GatewayError('GW_PLUGIN_INVALID', `${folder}: ${message}`)
}
