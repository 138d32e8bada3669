import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS } from '../../base/manifest.js'
import { isRecord } from '../../config/json.js'
import { loadModule, type PluginFiles, readManifest } from '../../plugin-host/load.js'
import { inspectModule } from '../../plugin-host/module/inspect.js'
import { checkModule } from './check-module.js'
import { permissionFindings } from './permission-findings.js'
import { settingsOf } from './settings-paths.js'
import { type Staged, stage } from './stage.js'

export interface CheckReport {
  readonly plugin: string
  /** What keeps it from being loaded, or from working. */
  readonly errors: readonly string[]
  /** What its users or operators would stumble over. */
  readonly warnings: readonly string[]
  /** Sizes, for whoever reads on. */
  readonly facts: readonly string[]
}

/** Larger modules take long to load on every thread; one in AssemblyScript rarely has a tenth of it. */
const LARGE_BYTES = 1 << 20

/**
 * Looks at a plugin as the host, an operator and a catalog will: module, manifest, permissions, settings, cases.
 * Its cases are played for what they show of its permissions; whether they pass is for `plugin test`.
 * @throws GatewayError GW_PLUGIN_INVALID when there is no manifest, or none that can be read
 */
export async function checkPlugin(folder: string): Promise<CheckReport> {
  const files = await readManifest(resolve(folder))
  const plugin = files.manifest.name
  const found = await moduleFindings(files)
  if (found.errors.length > 0) return { plugin, errors: found.errors, warnings: manifestWarnings(files), facts: [] }
  const staged = await tryStage(folder)
  if (staged instanceof GatewayError) return { plugin, errors: [staged.message], warnings: [], facts: found.facts }
  const permissions = permissionFindings(staged, found.imports)
  return {
    plugin,
    errors: permissions.errors,
    warnings: [...found.warnings, ...permissions.warnings, ...manifestWarnings(files), ...caseWarnings(staged)],
    facts: found.facts
  }
}

interface ModuleFindings {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly facts: readonly string[]
  /** As "module.name". */
  readonly imports: readonly string[]
}

async function moduleFindings(files: PluginFiles): Promise<ModuleFindings> {
  const { manifest, file, folder } = files
  const limits = { ...DEFAULT_LIMITS, ...manifest.limits }
  const none = { warnings: [], facts: [], imports: [] }
  try {
    const { abi } = await loadModule(files, limits.memoryPages)
    const bytes = readFileSync(file)
    const info = inspectModule(bytes, manifest.name)
    const errors = abi === 'direct' ? checkModule(bytes, manifest, folder) : []
    const [memory] = info.memories
    const warnings: string[] = []
    if (bytes.length > LARGE_BYTES)
      warnings.push(`the module has ${kib(bytes.length)}: every thread compiles and keeps it`)
    if (memory?.max === undefined) {
      warnings.push('the module sets no maximum for its memory; build it with "sluice plugin build"')
    }
    const facts = [
      `module: ${kib(bytes.length)}, ABI ${abi}, ${info.functions} functions`,
      `memory: ${memory?.min ?? 0} pages at the start, ${limits.memoryPages} at most (64 KiB each)`
    ]
    return { errors, warnings, facts, imports: info.imports.map(each => `${each.module}.${each.name}`) }
  } catch (thrown) {
    // The author's form of the same message is the better one, where there is one.
    const said = existsSync(join(folder, 'assembly')) && existsSync(file) ? authorProblems(file, files) : []
    return { ...none, errors: said.length > 0 ? said : [toGatewayError(thrown).message] }
  }
}

function authorProblems(file: string, { manifest, folder }: PluginFiles): string[] {
  try {
    return checkModule(readFileSync(file), manifest, folder)
  } catch {
    return [] // not even a module
  }
}

async function tryStage(folder: string): Promise<Staged | GatewayError> {
  try {
    return await stage(folder)
  } catch (thrown) {
    return toGatewayError(thrown)
  }
}

function manifestWarnings({ manifest, folder }: PluginFiles): string[] {
  const { settings } = manifest
  const undescribed = settingsOf(settings).flatMap(({ path, described }) => (described ? [] : path))
  const warnings: string[] = []
  if (undescribed.length > 0) warnings.push(`settings without a description: ${undescribed.join(', ')}`)
  if (isRecord(settings) && settings.additionalProperties !== false) {
    warnings.push(
      'the settings allow unknown members: a misspelt one goes unnoticed; say "additionalProperties": false'
    )
  }
  if (settings !== undefined && !manifest.hooks.includes('on_configure')) {
    warnings.push('it has settings and no hook on_configure: nothing reads them')
  }
  if (!existsSync(join(folder, 'README.md'))) warnings.push('there is no README.md')
  return warnings
}

function caseWarnings({ performances }: Staged): string[] {
  if (performances.length === 0) return ['there are no cases: nothing shows that it works']
  return performances.flatMap(({ file, outcome }) =>
    outcome.kind === 'failed' ? [`cases/${file.name}.json: the plugin fails: ${outcome.message}`] : []
  )
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
