import { GatewayError } from '../../base/errors.js'
import { ConfigError, type Problem } from '../../config/problems.js'
import { type PluginFiles, readManifest } from '../load.js'
import type { Lock } from './lock.js'

/**
 * Names of the installed plugins.
 * @throws ConfigError when one has the name of a plugin that comes with Sluice: policies would get the wrong one
 */
export function installedPlugins(lock: Lock | undefined, builtins: readonly string[]): string[] {
  const names = [...(lock?.plugins.keys() ?? [])]
  const problems = names.flatMap((name, index): Problem[] => {
    if (!builtins.includes(name)) return []
    const message = `"${name}" is the name of a plugin that comes with Sluice; expected another ("sluice plugins remove ${name}" takes it out)`
    return [{ file: lock?.file ?? '', line: 0, column: 0, path: `plugins[${index}].id`, message }]
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return names
}

/**
 * Reads the manifest of a plugin that did not come with Sluice, which policies call `name`. With a lock file it must be
 * in there under this name with this very manifest (the content of another locked plugin in its folder is wrong too);
 * the module is compared when it is loaded. Without one anything goes: a plugin under development.
 * @throws GatewayError GW_PLUGIN_INVALID
 */
export async function readLocked(name: string, folder: string, lock: Lock | undefined): Promise<PluginFiles> {
  if (lock === undefined) return readManifest(folder)
  const locked = lock.plugins.get(name)
  if (locked === undefined) {
    const expected = `expected every plugin that does not come with Sluice to be installed ("sluice plugins install ${name}")`
    throw invalid(`plugin ${name} (${folder}) is not in ${lock.file}; ${expected}`)
  }
  const expected = `expected the plugin as ${lock.file} has it ("sluice plugins install ${name}@${locked.version}" puts it back)`
  const files = await readManifest(folder).catch(thrown => {
    throw thrown instanceof GatewayError ? invalid(`${thrown.message}; ${expected}`, thrown) : thrown
  })
  if (files.manifestSha256 !== locked.manifestSha256) {
    const found = `plugin.json has the SHA-256 ${files.manifestSha256}, not ${locked.manifestSha256}`
    throw invalid(`plugin ${name} (${folder}): ${found}; ${expected}`)
  }
  return { ...files, pinned: { sha256: locked.sha256, permissions: locked.permissions, expected } }
}

function invalid(message: string, cause?: unknown): GatewayError {
  return new GatewayError('GW_PLUGIN_INVALID', message, { cause })
}
