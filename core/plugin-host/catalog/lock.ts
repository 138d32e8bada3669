import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { Manifest, Permissions } from '../../base/manifest.js'
import { ConfigError, type Problem } from '../../config/problems.js'
import { readText } from '../../config/read-text.js'
import { check, Sha256, Version } from './format.js'

/** The lock file (`plugins.lock`): which plugins are installed, byte for byte, and what each was granted. */

const closed = { additionalProperties: false } as const

export const LockedPlugin = Type.Object(
  {
    id: Manifest.properties.name,
    version: Version,
    sha256: Sha256,
    manifestSha256: Sha256,
    source: Type.String(),
    permissions: Permissions
  },
  closed
)
export type LockedPlugin = Static<typeof LockedPlugin>

const LockFile = Type.Object(
  { format: Type.Literal(1), plugins: Type.Array(LockedPlugin) },
  { ...closed, title: 'a lock file as "sluice plugins install" writes it' }
)

export interface Lock {
  readonly file: string
  readonly plugins: ReadonlyMap<string, LockedPlugin>
}

const MAX_BYTES = 4 << 20

/**
 * Reads a lock file; undefined when there is none.
 * @param required - it was named: then there must be one
 * @throws ConfigError with everything that is wrong with it
 */
export function readLock(file: string, required = false): Lock | undefined {
  if (!isThere(file)) {
    if (!required) return undefined
    throw new ConfigError([problem(file, 'there is no such file; expected what "sluice plugins install" writes')])
  }
  const read = readText(file, { bytes: MAX_BYTES, regular: true })
  if ('failure' in read) throw new ConfigError([problem(file, `the lock file cannot be read: ${read.failure}`)])
  const value = parse(read.text, file)
  if (!Value.Check(LockFile, value)) throw new ConfigError(check(LockFile, value, file))
  const plugins = new Map(value.plugins.map(plugin => [plugin.id, plugin]))
  if (plugins.size < value.plugins.length) {
    throw new ConfigError([problem(file, 'a plugin is there twice; expected each once', 'plugins')])
  }
  return { file, plugins }
}

/** The text of a lock file: the same for the same plugins, in whatever order they were installed. */
export function formatLock(plugins: Iterable<LockedPlugin>): string {
  const sorted = [...plugins].sort((a, b) => (a.id < b.id ? -1 : 1))
  return `${JSON.stringify({ format: 1, plugins: sorted }, undefined, 2)}\n`
}

/**
 * Where a locked plugin lies. Other content has another folder, so that an upgrade is complete the moment the lock
 * file is exchanged, and nothing has changed until then.
 */
export function installedFolder(pluginsDir: string, { id, version, sha256, manifestSha256 }: LockedPlugin): string {
  const content = createHash('sha256').update(`${manifestSha256} ${sha256}`).digest('hex').slice(0, 12)
  return join(pluginsDir, id, `${version}-${content}`)
}

function isThere(file: string): boolean {
  try {
    lstatSync(file) // a symbolic link that leads nowhere is a lock file that cannot be read, not none
    return true
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigError([problem(file, 'not JSON; expected a lock file as "sluice plugins install" writes it')])
  }
}

function problem(file: string, message: string, path = ''): Problem {
  return { file, line: 0, column: 0, path, message }
}
