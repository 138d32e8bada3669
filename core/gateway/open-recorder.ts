import { accessSync, constants, mkdirSync } from 'node:fs'
import type { Config } from '../config/resolve.js'
import type { Logger } from '../observe/log.js'
import type { Binding } from '../plugin-host/binding.js'
import { blockList } from './block-list.js'
import { NotReady } from './plan.js'
import { Recorder } from './recorder.js'
import { RecordingFolder } from './recording-folder.js'

/**
 * What records exchanges, when the configuration asks for it. Makes the folder.
 * @throws NotReady when the folder cannot be written to
 */
export function openRecorder({ record }: Config, bindings: readonly Binding[], log: Logger): Recorder | undefined {
  if (record === undefined) return undefined
  try {
    mkdirSync(record.folder, { recursive: true, mode: 0o700 })
    accessSync(record.folder, constants.W_OK | constants.X_OK)
  } catch (thrown) {
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
    const message = `recordings cannot be written there (${reason}); expected a folder that Sluice may write to`
    throw new NotReady([{ path: ['record', 'folder'], message }])
  }
  const folder = new RecordingFolder(record, (file, reason) =>
    log.warn({ recorded: file, err: reason }, 'a recording is lost')
  )
  const { sample, faults, header } = record
  return new Recorder(
    { sample, faults, header: header && { ...header, from: blockList(header.from) } },
    bindings,
    folder,
    (id, file) => log.info({ id, recorded: file }, 'recorded')
  )
}
