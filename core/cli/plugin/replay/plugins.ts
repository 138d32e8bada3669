import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BUILTIN_PLUGINS } from '../../../base/paths.js'
import { type Binding, fromManifest } from '../../../plugin-host/binding.js'
import { hooksFor } from '../../../plugin-host/hooks.js'
import { loadModule, type PluginFiles, readManifest } from '../../../plugin-host/load.js'
import { grants } from '../../../plugin-host/permissions.js'
import type { RecordedBinding } from '../../../plugin-host/record/format.js'

/** The plugin as it is here, bound as it was when it was recorded. */
export interface Rebound {
  readonly binding: Binding
  readonly module: WebAssembly.Module
  /** What differs from the plugin that was recorded; undefined: nothing. */
  readonly changed: string | undefined
}

/** Finds plugins by name: in the folders that were named, then among the built-in ones. */
export class Plugins {
  private constructor(private readonly named: ReadonlyMap<string, PluginFiles>) {}

  /** @throws GatewayError GW_PLUGIN_INVALID */
  static async in(folders: readonly string[]): Promise<Plugins> {
    const files = await Promise.all(folders.map(folder => readManifest(resolve(folder))))
    return new Plugins(new Map(files.map(each => [each.manifest.name, each])))
  }

  /**
   * The same code runs with the permissions it had asked for; another version with those it asks for now, as far as they were granted.
   * @returns undefined when there is no plugin of that name
   * @throws GatewayError GW_PLUGIN_INVALID
   */
  async rebind(recorded: RecordedBinding): Promise<Rebound | undefined> {
    const files = await this.find(recorded.plugin)
    if (files === undefined) return undefined
    const { manifest } = files
    const { limits, where, plugin, granted } = recorded
    const loaded = await loadModule(files, limits.memoryPages)
    const same = loaded.sha256 === recorded.sha256
    const settings: unknown = JSON.parse(recorded.settings)
    return {
      binding: {
        index: recorded.index,
        where,
        plugin,
        ...fromManifest(manifest),
        namespace: plugin,
        module: 0,
        abi: loaded.abi,
        hooks: hooksFor(manifest, settings),
        settings: recorded.settings,
        grants: grants(same ? recorded.asked : (manifest.permissions ?? {}), granted, settings),
        limits,
        metrics: manifest.metrics,
        failure: 'closed'
      },
      module: loaded.module,
      changed: same ? undefined : changed(recorded, manifest.version, loaded.sha256)
    }
  }

  private async find(name: string): Promise<PluginFiles | undefined> {
    const named = this.named.get(name)
    if (named !== undefined) return named
    const folder = join(BUILTIN_PLUGINS, name)
    return /^[a-z][a-z0-9-]*$/.test(name) && existsSync(join(folder, 'plugin.json')) ? readManifest(folder) : undefined
  }
}

function changed(recorded: RecordedBinding, version: string, sha256: string): string {
  return `recorded was version ${recorded.version} (sha256 ${recorded.sha256.slice(0, 12)}…), here is ${version} (${sha256.slice(0, 12)}…)`
}
