import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { create } from 'tar'
import { GatewayError } from '../../base/errors.js'
import { type PluginFiles, readManifest, sha256 } from '../../plugin-host/load.js'

export interface Packed {
  /** The archive, absolute. */
  readonly file: string
  readonly bytes: number
  /** What is in it, in the order it is there. */
  readonly names: readonly string[]
  /** SHA-256 in hexadecimal. */
  readonly wasmSha256: string
  readonly archiveSha256: string
}

const LICENCES = /^(licen[cs]e|notice)(\.(md|txt))?$/i
const FILE_MODE = 0o644

/**
 * Writes the plugin in `folder`, built before, as an archive: its manifest, module, README, licence and cases. The same
 * files make the same bytes, whenever and by whomever it is done (with the same release of Node, which compresses it).
 * @param out - the archive; NAME-VERSION.tgz in the current folder when left out
 * @throws GatewayError GW_PLUGIN_INVALID naming the file that cannot be packed
 */
export async function packPlugin(folder: string, out?: string): Promise<Packed> {
  const files = await readManifest(resolve(folder))
  const { name, version } = files.manifest
  const file = resolve(out ?? `${name}-${version}.tgz`)
  if (!existsSync(dirname(file))) throw new GatewayError('GW_PLUGIN_INVALID', `${file}: there is no such folder`)
  const names = contents(files)
  // Copied first, so that owners, times and modes of the author's machine are left behind.
  const copy = mkdtempSync(join(tmpdir(), 'sluice-pack-'))
  try {
    for (const each of names) copyPlain(files.folder, copy, each)
    await create({ file, cwd: copy, gzip: { level: 9, portable: true }, portable: true, mtime: new Date(0) }, names)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  const archive = readFileSync(file)
  return {
    file,
    bytes: archive.length,
    names,
    wasmSha256: sha256(readFileSync(files.file)),
    archiveSha256: sha256(archive)
  }
}

/** What goes into the archive, from the plugin's folder, sorted but for the manifest: whoever unpacks needs it first. */
function contents({ folder, file }: PluginFiles): string[] {
  const module = relative(folder, file)
  if (isAbsolute(module) || module.startsWith('..')) {
    throw new GatewayError('GW_PLUGIN_INVALID', `${folder}: the module ${module} lies outside of the plugin's folder`)
  }
  const top = readdirSync(folder).filter(name => name === 'README.md' || LICENCES.test(name))
  const cases = existsSync(join(folder, 'cases')) ? readdirSync(join(folder, 'cases')) : []
  const played = cases.filter(name => name.endsWith('.json')).map(name => `cases/${name}`)
  return ['plugin.json', ...[...top, module.split('\\').join('/'), ...played].sort()]
}

/** Copies a file, with a mode that says nothing; refuses what is no plain file, wherever on its way. */
function copyPlain(from: string, to: string, name: string): void {
  let way = from
  for (const part of name.split('/')) {
    way = join(way, part)
    if (lstatSync(way).isSymbolicLink()) {
      throw new GatewayError('GW_PLUGIN_INVALID', `${way}: is a symbolic link; an archive holds plain files only`)
    }
  }
  if (!lstatSync(way).isFile()) throw new GatewayError('GW_PLUGIN_INVALID', `${way}: is not a plain file`)
  const target = join(to, name)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, readFileSync(way))
  chmodSync(target, FILE_MODE)
}
