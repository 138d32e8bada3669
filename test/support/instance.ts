import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../../core/base/manifest.js'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { complete } from '../../core/config/complete.js'
import { ConfigureInput, ConfigureResult, RequestInput, Verdict } from '../../core/plugin-host/abi.js'
import { fromManifest } from '../../core/plugin-host/binding.js'
import { hooksFor } from '../../core/plugin-host/hooks.js'
import { PluginInstance } from '../../core/plugin-host/instance.js'
import { loadModule, readManifest } from '../../core/plugin-host/load.js'
import { grants } from '../../core/plugin-host/permissions.js'

/** What a request is made of; `nowMs` is the time at which it comes. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  /** Flat: name, value, … in lower case. */
  readonly headers?: string[]
  readonly nowMs?: number
}

/** One of the plugins that come with Sluice, in the real host but on this thread. */
export class Policy {
  private constructor(private readonly instance: PluginInstance) {}

  /** @throws Error when the plugin refuses the settings */
  static async of(name: string, given: object, shared?: SharedArrayBuffer): Promise<Policy> {
    const folder = fileURLToPath(new URL(`../../../plugins/${name}`, import.meta.url))
    await buildPlugin(folder, { quiet: true })
    const files = await readManifest(folder)
    const { manifest } = files
    const limits = { ...DEFAULT_LIMITS, ...manifest.limits }
    const loaded = await loadModule(files, limits.memoryPages)
    const settings = complete(manifest.settings ?? {}, given, undefined)
    const binding = {
      index: 0,
      where: 'test',
      ...fromManifest(manifest),
      namespace: 'test',
      plugin: name,
      module: 0,
      abi: loaded.abi,
      hooks: hooksFor(manifest, settings),
      settings: JSON.stringify(settings),
      grants: grants(manifest.permissions ?? {}, 'asked', settings),
      limits,
      failure: 'closed'
    } as const
    const instance = await PluginInstance.create(binding, loaded.module, () => undefined, { shared })
    const input = ConfigureInput.encode({ settings: Buffer.from(binding.settings) }).finish()
    const { error } = ConfigureResult.decode(Uint8Array.from(await instance.call('on_configure', input)))
    if (error !== '') throw new Error(error)
    return new Policy(instance)
  }

  async send({ method = 'GET', path = '/', query = '', headers = [], nowMs = Date.now() }: Sent): Promise<Verdict> {
    const input = RequestInput.encode({
      context: { nowMs },
      request: { method, scheme: 'http', host: 'example.com', path, query, headers }
    }).finish()
    return Verdict.decode(Uint8Array.from(await this.instance.call('on_request', input)))
  }
}
