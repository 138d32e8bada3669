import { DEFAULT_LIMITS, type Manifest } from '../base/manifest.js'
import { complete } from '../config/complete.js'
import { type Binding, fromManifest } from './binding.js'
import { hooksFor } from './hooks.js'
import { PluginInstance, type Surroundings } from './instance.js'
import { configure } from './instance-cache.js'
import { loadModule, readManifest } from './load.js'
import { grants } from './permissions.js'

/** What differs from binding to binding where there is no configuration. */
export type Alone = Pick<Binding, 'abi'> & Partial<Pick<Binding, 'index' | 'where' | 'namespace' | 'script'>>

/**
 * A binding without a configuration around it, for cases, benches and tests: it is granted all that its manifest asks for.
 * @param settings - with their defaults
 */
export function bindAlone(manifest: Manifest, settings: unknown, alone: Alone): Binding {
  return {
    index: 0,
    where: manifest.name,
    namespace: manifest.name,
    ...alone,
    plugin: manifest.name,
    module: 0,
    ...fromManifest(manifest),
    hooks: hooksFor(manifest, settings),
    settings: JSON.stringify(settings),
    grants: grants(manifest.permissions ?? {}, 'asked', settings),
    limits: { ...DEFAULT_LIMITS, ...manifest.limits },
    metrics: manifest.metrics,
    failure: 'closed'
  }
}

/**
 * An instance of the plugin in `folder`, on this thread, configured with `given` and the defaults of its settings.
 * @throws GatewayError GW_PLUGIN_INVALID, PluginFault when it refuses the settings
 */
export async function instanceAlone(folder: string, given: object, around: Surroundings = {}): Promise<PluginInstance> {
  const files = await readManifest(folder)
  const { manifest } = files
  const { module, abi } = await loadModule(files, { ...DEFAULT_LIMITS, ...manifest.limits }.memoryPages)
  const binding = bindAlone(manifest, complete(manifest.settings ?? {}, given, undefined), { abi })
  const instance = await PluginInstance.create(binding, module, () => undefined, around)
  instance.reader = await configure(instance, binding)
  return instance
}
