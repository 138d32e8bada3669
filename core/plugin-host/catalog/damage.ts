import { toGatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS } from '../../base/manifest.js'
import { loadModule } from '../load.js'
import { installedFolder, type LockedPlugin } from './lock.js'
import { readLocked } from './locked.js'

/** What is wrong with the files of an installed plugin, as a gateway would find it; undefined when they are as they were. */
export async function damage(pluginsDir: string, locked: LockedPlugin): Promise<string | undefined> {
  const lock = { file: 'plugins.lock', plugins: new Map([[locked.id, locked]]) }
  try {
    const files = await readLocked(locked.id, installedFolder(pluginsDir, locked), lock)
    await loadModule(files, files.manifest.limits?.memoryPages ?? DEFAULT_LIMITS.memoryPages)
    return undefined
  } catch (thrown) {
    return toGatewayError(thrown).message
  }
}
