import { DEFAULT_LIMITS } from '../base/manifest.js'
import { complete } from '../config/complete.js'
import { bindAlone } from './bind-alone.js'
import { PluginInstance, type Surroundings } from './instance.js'
import { configure } from './instance-cache.js'
import { loadModule, readManifest } from './load.js'

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
