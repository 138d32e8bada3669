import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { GatewayError } from '../../base/errors.js'
import type { FetchedPlugin } from './fetch.js'
import { installedFolder, type LockedPlugin } from './lock.js'
import { changeLock } from './lock-change.js'

export interface InstallPlaces {
  readonly pluginsDir: string
  readonly lockFile: string
}

/** What the lock file will say of a plugin, once it is installed. Everything it asks for is granted: somebody agreed. */
export function lockedPlugin({ entry }: FetchedPlugin, source: string): LockedPlugin {
  const { id, version, permissions = {} } = entry
  return { id, version, sha256: entry.module.sha256, manifestSha256: entry.manifest.sha256, source, permissions }
}

/**
 * Writes a plugin into its folder and the lock file. When anything fails nothing has changed; when the process ends
 * half-way, only files that no lock file points at.
 * @param before - what was locked when somebody agreed to this
 * @throws GatewayError GW_CATALOG_INVALID
 */
export function installPlugin(
  fetched: FetchedPlugin,
  locked: LockedPlugin,
  before: LockedPlugin | undefined,
  { pluginsDir, lockFile }: InstallPlaces
): void {
  const folder = installedFolder(pluginsDir, locked)
  const undo: (() => void)[] = []
  const aside = `${folder}.${randomBytes(6).toString('hex')}.old`
  try {
    changeLock(lockFile, now => {
      if (!isDeepStrictEqual(now.get(locked.id), before)) {
        throw new GatewayError('GW_CATALOG_INVALID', `${lockFile}: ${locked.id} was changed meanwhile; try again`)
      }
      placeFolder(folder, aside, fetched, undo)
      return new Map([...now, [locked.id, locked]]).values()
    })
  } catch (thrown) {
    for (const step of undo.reverse()) step()
    throw failure(thrown, `${locked.id} cannot be installed`)
  }
  rmSync(aside, { recursive: true, force: true })
  if (before === undefined) return
  const old = installedFolder(pluginsDir, before)
  if (old !== folder) rmSync(old, { recursive: true, force: true })
}

/** Takes a plugin out of the lock file, then out of its folder. @throws GatewayError GW_CATALOG_INVALID when it is not installed */
export function removePlugin(id: string, { pluginsDir, lockFile }: InstallPlaces): LockedPlugin {
  let removed: LockedPlugin | undefined
  try {
    changeLock(lockFile, now => {
      removed = now.get(id)
      if (removed === undefined) throw notInstalled(id, now.keys(), lockFile)
      return [...now.values()].filter(plugin => plugin.id !== id)
    })
    if (removed === undefined) throw notInstalled(id, [], lockFile)
    const folder = installedFolder(pluginsDir, removed)
    rmSync(folder, { recursive: true, force: true })
    removeIfEmpty(dirname(folder))
  } catch (thrown) {
    throw failure(thrown, `${id} cannot be removed`)
  }
  return removed
}

/** Each step says how it is undone before the next begins. What is there already goes to `aside`. */
function placeFolder(folder: string, aside: string, fetched: FetchedPlugin, undo: (() => void)[]): void {
  const made = mkdirSync(dirname(folder), { recursive: true })
  if (made !== undefined) undo.push(() => rmSync(made, { recursive: true, force: true }))
  const draft = `${aside}.new`
  undo.push(() => rmSync(draft, { recursive: true, force: true }))
  const module = join(draft, fetched.modulePath)
  mkdirSync(dirname(module), { recursive: true })
  writeFileSync(join(draft, 'plugin.json'), fetched.manifestBytes, { flush: true })
  writeFileSync(module, fetched.moduleBytes, { flush: true })
  if (existsSync(folder)) {
    // The same content was installed and has been damaged since, or it is what an ended process has left.
    renameSync(folder, aside)
    undo.push(() => renameSync(aside, folder))
  }
  renameSync(draft, folder)
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // There is something else in it, which is not ours.
  }
}

function notInstalled(id: string, installed: Iterable<string>, lockFile: string): GatewayError {
  const names = [...installed]
  const expected = names.length === 0 ? 'no plugin is' : `expected one of ${names.join(', ')}`
  return new GatewayError('GW_CATALOG_INVALID', `${id} is not installed (${lockFile}); ${expected}`)
}

function failure(thrown: unknown, what: string): unknown {
  if (thrown instanceof GatewayError || !(thrown instanceof Error)) return thrown
  return new GatewayError('GW_CATALOG_INVALID', `${what}: ${thrown.message}`, { cause: thrown })
}
