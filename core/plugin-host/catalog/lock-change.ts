import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { GatewayError } from '../../base/errors.js'
import { formatLock, type LockedPlugin, readLock } from './lock.js'

/**
 * Exchanges the lock file in one step. `change` gets what is locked now, does what has to be done before, and returns
 * what is to be locked; when it throws, nothing changes. One process at a time: the draft is the lock file's lock.
 * @throws GatewayError GW_CATALOG_INVALID, ConfigError, and what `change` throws
 */
export function changeLock(
  file: string,
  change: (now: ReadonlyMap<string, LockedPlugin>) => Iterable<LockedPlugin>
): void {
  const draft = `${file}.new`
  begin(draft, file)
  try {
    const plugins = change(readLock(file)?.plugins ?? new Map())
    writeFileSync(draft, formatLock(plugins), { flush: true })
    renameSync(draft, file)
  } catch (thrown) {
    rmSync(draft, { force: true })
    throw thrown
  }
}

function begin(draft: string, file: string): void {
  try {
    writeFileSync(draft, '', { flag: 'wx' })
  } catch (thrown) {
    const there = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST'
    const message = there
      ? `${draft} is there: another sluice is changing ${file}, or was ended while it did; then delete ${draft}`
      : `${file} cannot be written: ${thrown instanceof Error ? thrown.message : thrown}`
    throw new GatewayError('GW_CATALOG_INVALID', message, { cause: thrown })
  }
}
