import { resolve } from 'node:path'
import { toGatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS, type Manifest } from '../../base/manifest.js'
import { complete } from '../../config/complete.js'
import { bindAlone } from '../../plugin-host/bind-alone.js'
import type { Binding } from '../../plugin-host/binding.js'
import type { Script } from '../../plugin-host/clock.js'
import { type LoadedModule, loadModule, type PluginFiles, readManifest } from '../../plugin-host/load.js'
import { PluginPool } from '../../plugin-host/pool.js'
import { schemaProblems } from '../../plugin-host/schema-problems.js'
import type { Case } from './case.js'
import { type CaseFile, readCases } from './case-file.js'
import { type Played, playCase } from './play.js'
import { Witness } from './witness.js'

/** What became of a case: played, or its settings refused, or the plugin failed. */
export type Outcome =
  | { readonly kind: 'played'; readonly played: Played }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }

/** A case with what became of it and what was seen of it on the way. */
export interface Performance {
  readonly file: CaseFile
  /** Undefined: the settings do not pass the manifest's schema. */
  readonly binding: Binding | undefined
  readonly outcome: Outcome
  readonly witness: Witness
}

/** A plugin whose cases were all played. */
export interface Staged {
  readonly files: PluginFiles
  readonly loaded: LoadedModule
  readonly performances: readonly Performance[]
}

/**
 * Plays every case of the plugin in `folder` in the real host: module check, thread, permissions and all.
 * @throws GatewayError GW_PLUGIN_INVALID when the plugin cannot be loaded or a case file is not a case
 */
export async function stage(folder: string): Promise<Staged> {
  const files = await readManifest(resolve(folder))
  const { manifest } = files
  const loaded = await loadModule(files, { ...DEFAULT_LIMITS, ...manifest.limits }.memoryPages)
  const roles: Role[] = []
  for (const file of readCases(files.folder)) roles.push(cast(file, manifest, loaded, roles))
  const bindings = roles.flatMap(each => each.binding ?? [])
  const pool = new PluginPool({ bindings, modules: [loaded.module] }, { threads: 1 })
  try {
    for (const { binding, message } of await pool.prepare()) {
      const found = roles.find(each => each.binding?.index === binding)
      if (found !== undefined) found.refused = message
    }
    const performances: Performance[] = []
    for (const role of roles) performances.push(await perform(narrowed(role, pool), pool))
    return { files, loaded, performances }
  } finally {
    await pool.close()
  }
}

interface Role {
  readonly file: CaseFile
  readonly binding: Binding | undefined
  refused: string | undefined
}

/** The role with what its policy reads, now that it was told its settings. */
function narrowed(role: Role, { inputs }: PluginPool): Role {
  const { binding } = role
  if (binding === undefined) return role
  return { ...role, binding: { ...binding, input: inputs.get(binding.index) ?? binding.input } }
}

async function perform({ file, binding, refused }: Role, pool: PluginPool): Promise<Performance> {
  const witness = new Witness(pool)
  if (refused !== undefined || binding === undefined) {
    return { file, binding, witness, outcome: { kind: 'refused', message: refused ?? '' } }
  }
  try {
    const played = await playCase(file.case, binding, witness)
    return { file, binding, witness, outcome: { kind: 'played', played } }
  } catch (thrown) {
    const { code, message } = toGatewayError(thrown)
    return { file, binding, witness, outcome: { kind: 'failed', message: `${code}: ${message}` } }
  }
}

/** Gives a case its binding, or says why its settings cannot have one. */
function cast(file: CaseFile, manifest: Manifest, loaded: LoadedModule, before: readonly Role[]): Role {
  const schema = manifest.settings ?? { type: 'object', additionalProperties: false }
  const settings = complete(schema, file.case.settings ?? {}, undefined)
  const [refused] = schemaProblems(schema, settings)
  if (refused !== undefined) return { file, binding: undefined, refused }
  const binding = bindAlone(manifest, settings, {
    index: before.filter(each => each.binding !== undefined).length,
    where: `cases/${file.name}.json`,
    namespace: `${manifest.name}/${file.name}`, // no case finds the counters of another
    abi: loaded.abi,
    ...scriptOf(file.case)
  })
  return { file, binding, refused: undefined }
}

function scriptOf({ nowMs, random }: Case): { readonly script?: Script } {
  if (nowMs === undefined && random === undefined) return {}
  const clock = nowMs === undefined ? undefined : new Float64Array(new SharedArrayBuffer(8)).fill(nowMs)
  return { script: { ...(clock && { clock }), ...(random !== undefined && { seed: random }) } }
}
