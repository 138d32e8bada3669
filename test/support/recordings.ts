import { existsSync } from 'node:fs'
import type { LogLine } from './sluice.js'

/** The recording an access line names, once it is there: whole, since it is renamed into place. */
export async function recordingOf(line: LogLine): Promise<string> {
  const file = String(line.recorded)
  if (line.recorded === undefined) throw new Error('the exchange is not recorded')
  while (!existsSync(file)) await new Promise(setImmediate)
  return file
}
