import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { GatewayError } from '../base/errors.js'
import { Manifest, type Permissions } from '../base/manifest.js'
import { metricMistake } from '../base/plugin-metrics.js'
import { checkModule } from './module/check.js'
import { schemaProblems } from './schema-problems.js'

/** A plugin as it lies in its folder. */
export interface PluginFiles {
  readonly folder: string
  readonly manifest: Manifest
  /** SHA-256 of plugin.json as it was read. */
  readonly manifestSha256: string
  /** Path of the WASM file. */
  readonly file: string
  /** Set when the module must be a certain one. */
  readonly pinned?: Pinned
}

/** What a lock file says of a plugin. */
export interface Pinned {
  /** Of the module. */
  readonly sha256: string
  /** The most it may be granted, whatever its manifest asks for. */
  readonly permissions: Permissions
  /** The lock file, and what puts the plugin back; for messages. */
  readonly expected: string
}

/** A plugin that can be run: checked, clamped and compiled. */
export interface LoadedModule {
  readonly module: WebAssembly.Module
  readonly abi: 'direct' | 'extism'
  /** Of the file, hexadecimal. */
  readonly sha256: string
}

/** @throws GatewayError GW_PLUGIN_INVALID naming the file and what is wrong with it */
export async function readManifest(folder: string): Promise<PluginFiles> {
  const path = join(folder, 'plugin.json')
  const bytes = await read(path)
  const manifest = parseManifest(bytes, path)
  return { folder, manifest, manifestSha256: sha256(bytes), file: join(folder, modulePath(manifest)) }
}

/** @throws GatewayError GW_PLUGIN_INVALID naming the file (`path`) and what is wrong with it */
export function parseManifest(bytes: Buffer, path: string): Manifest {
  const value = parse(bytes, path)
  if (Value.Check(Manifest, value)) {
    const mistake = metricMistake(value.metrics ?? [])
    if (mistake === undefined) return value
    throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${mistake}`)
  }
  const problems = schemaProblems(Manifest, value)
  throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${problems.slice(0, 5).join('; ')}`)
}

/** Where the WASM file is, from the plugin's folder. */
export function modulePath({ name, module }: Manifest): string {
  return module ?? `build/${name}.wasm`
}

/** In hexadecimal, lower case. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Reads, checks and compiles a plugin's module, its memory clamped to `maxPages` pages of 64 KiB.
 * @throws GatewayError GW_PLUGIN_INVALID naming the plugin, the file and what is wrong with it
 */
export async function loadModule(plugin: PluginFiles, maxPages: number): Promise<LoadedModule> {
  return compileFile(plugin, await readModule(plugin), maxPages)
}

/**
 * Reads a plugin's module; with a lock file it must be the very one.
 * @throws GatewayError GW_PLUGIN_INVALID naming the file
 */
export async function readModule({ file, pinned }: PluginFiles): Promise<Buffer> {
  const bytes = await read(file, pinned && `there is no such file; ${pinned.expected}`)
  const found = sha256(bytes)
  if (pinned !== undefined && found !== pinned.sha256) {
    throw new GatewayError(
      'GW_PLUGIN_INVALID',
      `${file} has the SHA-256 ${found}, not ${pinned.sha256}; ${pinned.expected}`
    )
  }
  return bytes
}

/** The second half of `loadModule`. @throws GatewayError GW_PLUGIN_INVALID naming the plugin and the file */
export function compileFile({ manifest, file }: PluginFiles, bytes: Buffer, maxPages: number): Promise<LoadedModule> {
  return compileModule(manifest, bytes, `plugin ${manifest.name} (${file})`, maxPages)
}

/**
 * Checks and compiles the bytes of a plugin's module, its memory clamped to `maxPages` pages of 64 KiB.
 * @param what - names the plugin in messages
 * @throws GatewayError GW_PLUGIN_INVALID
 */
export async function compileModule(
  manifest: Manifest,
  bytes: Uint8Array,
  what: string,
  maxPages: number
): Promise<LoadedModule> {
  const { abi, bytes: clamped } = checkModule(bytes, { what, hooks: manifest.hooks, maxPages })
  try {
    return { module: await WebAssembly.compile(clamped), abi, sha256: sha256(bytes) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new GatewayError('GW_PLUGIN_INVALID', `${what}: ${reason}`, { cause: thrown })
  }
}

const MISSING = {
  module: 'there is no such file; build it with: sluice plugin build',
  manifest: "there is no manifest (is this a plugin's folder?)"
}

async function read(path: string, ifMissing?: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    const reason = missing ? (ifMissing ?? MISSING[path.endsWith('.wasm') ? 'module' : 'manifest']) : String(thrown)
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
