import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Compile } from 'typebox/compile'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS, type Manifest } from '../../base/manifest.js'
import { complete } from '../../config/complete.js'
import { type Binding, fromManifest } from '../../plugin-host/binding.js'
import { hooksFor } from '../../plugin-host/hooks.js'
import { type LoadedModule, loadModule, readManifest } from '../../plugin-host/load.js'
import { grants } from '../../plugin-host/permissions.js'
import { PluginPool } from '../../plugin-host/pool.js'
import { Case } from './case.js'
import { compare, playCase } from './play.js'

export interface CaseResult {
  readonly name: string
  /** Empty: the case passes. */
  readonly problems: readonly string[]
}

interface Prepared {
  readonly name: string
  readonly case: Case
  /** Undefined: the settings do not pass the manifest's schema. */
  readonly binding: Binding | undefined
  refused: string | undefined
}

/**
 * Plays every case of the plugin in `folder` in the real host: module check, thread, permissions and all.
 * @throws GatewayError GW_PLUGIN_INVALID when the plugin cannot be loaded or a case file is not a case
 */
export async function testPlugin(folder: string): Promise<CaseResult[]> {
  const files = await readManifest(resolve(folder))
  const { manifest } = files
  const limits = { ...DEFAULT_LIMITS, ...manifest.limits }
  const loaded = await loadModule(files, limits.memoryPages)
  const prepared: Prepared[] = []
  for (const { name, value } of readCases(files.folder)) prepared.push(prepare(name, value, manifest, loaded, prepared))
  const bindings = prepared.flatMap(each => each.binding ?? [])
  const pool = new PluginPool({ bindings, modules: [loaded.module] }, { threads: 1 })
  try {
    for (const { binding, message } of await pool.prepare()) {
      const found = prepared.find(each => each.binding?.index === binding)
      if (found !== undefined) found.refused = message
    }
    const results: CaseResult[] = []
    for (const each of prepared) results.push({ name: each.name, problems: await problemsOf(each, pool) })
    return results
  } finally {
    await pool.close()
  }
}

async function problemsOf(prepared: Prepared, pool: PluginPool): Promise<string[]> {
  const { expect } = prepared.case
  if (prepared.refused !== undefined || prepared.binding === undefined) {
    const message = prepared.refused ?? ''
    if (expect.refused === undefined) return [`the settings were refused: ${message}`]
    return message.includes(expect.refused) ? [] : [`refused with "${message}", expected "${expect.refused}"`]
  }
  if (expect.refused !== undefined) return ['the settings were accepted, expected them to be refused']
  try {
    return compare(prepared.case, await playCase(prepared.case, prepared.binding, pool))
  } catch (thrown) {
    const { code, message } = toGatewayError(thrown)
    return [`${code}: ${message}`]
  }
}

function prepare(
  name: string,
  value: Case,
  manifest: Manifest,
  loaded: LoadedModule,
  before: readonly Prepared[]
): Prepared {
  const schema = manifest.settings ?? { type: 'object', additionalProperties: false }
  const settings = complete(schema, value.settings ?? {}, undefined)
  const errors = Compile(schema).Errors(settings)
  const [error] = errors
  if (error !== undefined) {
    return { name, case: value, binding: undefined, refused: `${error.instancePath || '/'} ${error.message}` }
  }
  const binding: Binding = {
    index: before.filter(each => each.binding !== undefined).length,
    where: `cases/${name}.json`,
    plugin: manifest.name,
    ...fromManifest(manifest),
    namespace: `${manifest.name}/${name}`, // no case finds the counters of another
    module: 0,
    abi: loaded.abi,
    hooks: hooksFor(manifest, settings),
    settings: JSON.stringify(settings),
    grants: grants(manifest.permissions ?? {}, 'asked', settings),
    limits: { ...DEFAULT_LIMITS, ...manifest.limits },
    metrics: manifest.metrics,
    failure: 'closed'
  }
  return { name, case: value, binding, refused: undefined }
}

const caseValidator = Compile(Case)

function readCases(folder: string): { name: string; value: Case }[] {
  const dir = join(folder, 'cases')
  let names: string[]
  try {
    names = readdirSync(dir).filter(name => name.endsWith('.json'))
  } catch {
    return []
  }
  return names.sort().map(file => {
    const path = join(dir, file)
    const value = parseJson(readFileSync(path, 'utf8'), path)
    if (!caseValidator.Check(value)) {
      const problems = caseValidator.Errors(value).map(error => `${error.instancePath || '/'} ${error.message}`)
      throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${problems.slice(0, 3).join('; ')}`)
    }
    return { name: file.replace(/\.json$/, ''), value }
  })
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new GatewayError(
      'GW_PLUGIN_INVALID',
      `${path}: not JSON: ${thrown instanceof Error ? thrown.message : thrown}`
    )
  }
}
