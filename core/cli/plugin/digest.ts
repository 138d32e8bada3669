import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { sha256 } from '../../plugin-host/load.js'

/**
 * A digest of everything a build depends on: the sources of the plugin, the SDK's, the versions of what else the
 * plugin uses, and how it is compiled.
 */
export function sourceDigest(dir: string, sdkDir: string, how: readonly string[]): string {
  const hash = createHash('sha256')
  const add = (name: string, bytes: Uint8Array | string) => {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  for (const each of how) add('how', each)
  for (const name of ['package.json', 'package-lock.json', 'asconfig.json']) {
    const bytes = readIfThere(join(dir, name))
    if (bytes !== undefined) add(name, bytes)
  }
  for (const root of [join(dir, 'assembly'), join(sdkDir, 'assembly')]) {
    for (const name of sourcesOf(root)) add(name.split(sep).join('/'), readFileSync(join(root, name)))
    add('end', '')
  }
  return hash.digest('hex')
}

/** SHA-256 of a file in hexadecimal, or undefined when it is not there. */
export function fileDigest(file: string): string | undefined {
  const bytes = readIfThere(file)
  return bytes && sha256(bytes)
}

function sourcesOf(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.ts')).sort()
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
