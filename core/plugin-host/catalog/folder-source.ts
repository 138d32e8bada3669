import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { CATALOG_FILE } from './format.js'
import type { CatalogSource } from './source.js'

/** A catalog in a folder; `path` is the folder, or the catalog's file in it. */
export function folderSource(path: string): CatalogSource {
  const isFile = path.endsWith('.json')
  const folder = isFile ? dirname(path) : path
  return {
    name: path,
    index: isFile ? basename(path) : CATALOG_FILE,
    read: (file, maxBytes) => readWithin(folder, file, maxBytes)
  }
}

/** Symbolic links may lead about within the folder, not out of it. */
async function readWithin(folder: string, path: string, maxBytes: number): Promise<Buffer> {
  const shown = join(folder, path)
  let handle: FileHandle | undefined
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, path))
    const way = relative(root, file)
    if (way.startsWith('..') || isAbsolute(way)) throw invalid(shown, 'leads out of the folder of the catalog')
    // O_NONBLOCK: a pipe without a writer would never open.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (!stat.isFile()) throw invalid(shown, 'is not a regular file')
    if (stat.size > maxBytes) throw invalid(shown, `has ${stat.size} bytes; expected at most ${maxBytes}`)
    return await readUpTo(handle, maxBytes, shown)
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    throw invalid(shown, reason(thrown), thrown)
  } finally {
    await handle?.close()
  }
}

/** The size was looked at before: a file that grows meanwhile ends here. */
async function readUpTo(handle: FileHandle, maxBytes: number, shown: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of handle.createReadStream({ autoClose: false, end: maxBytes })) {
    parts.push(part)
    bytes += part.length
  }
  if (bytes > maxBytes) throw invalid(shown, `has more than ${maxBytes} bytes; expected at most those`)
  return Buffer.concat(parts)
}

function reason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `cannot be read: ${code}`
}

function invalid(file: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', `${file}: ${message}`, { cause })
}
