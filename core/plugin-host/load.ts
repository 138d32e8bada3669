import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { GatewayError } from '../base/errors.js'
import { Manifest } from '../base/manifest.js'
import { checkModule } from './module/check.js'

/** A plugin as it lies in its folder. */
export interface PluginFiles {
  readonly folder: string
  readonly manifest: Manifest
  /** Path of the WASM file. */
  readonly file: string
}

/** A plugin that can be run: checked, clamped and compiled. */
export interface LoadedModule {
  readonly module: WebAssembly.Module
  readonly abi: 'direct' | 'extism'
}

const manifestValidator = Compile(Manifest)

/** @throws GatewayError GW_PLUGIN_INVALID naming the file and what is wrong with it */
export async function readManifest(folder: string): Promise<PluginFiles> {
  const path = join(folder, 'plugin.json')
  const value = parse(await read(path), path)
  if (!manifestValidator.Check(value)) {
    const problems = manifestValidator.Errors(value).map(error => `${error.instancePath || '/'} ${error.message}`)
    throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${problems.slice(0, 5).join('; ')}`)
  }
  return { folder, manifest: value, file: join(folder, value.module ?? `build/${value.name}.wasm`) }
}

/**
 * Reads, checks and compiles a plugin's module, its memory clamped to `maxPages` pages of 64 KiB.
 * @throws GatewayError GW_PLUGIN_INVALID naming the plugin, the file and what is wrong with it
 */
export async function loadModule(plugin: PluginFiles, maxPages: number): Promise<LoadedModule> {
  const { manifest, file } = plugin
  const bytes = await read(file)
  const what = `plugin ${manifest.name} (${file})`
  const { abi, bytes: clamped } = checkModule(bytes, { what, hooks: manifest.hooks, maxPages })
  try {
    return { module: await WebAssembly.compile(clamped), abi }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new GatewayError('GW_PLUGIN_INVALID', `${what}: ${reason}`, { cause: thrown })
  }
}

const MISSING = {
  module: 'there is no such file; build it with: sluice plugin build',
  manifest: "there is no manifest (is this a plugin's folder?)"
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    const reason = missing ? MISSING[path.endsWith('.wasm') ? 'module' : 'manifest'] : String(thrown)
    throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${reason}`, { cause: thrown })
  }
}

function parse(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (thrown) {
    throw new GatewayError(
      'GW_PLUGIN_INVALID',
      `${path}: not JSON: ${thrown instanceof Error ? thrown.message : thrown}`
    )
  }
}
