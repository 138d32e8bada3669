import { type Logger, written } from '../../observe/log.js'

/** So long the last lines of the log may take, milliseconds: who reads them may have stopped to. */
const LAST_LINES_MS = 1_000

/** Ends the process now, with its log where that is read. @param code - told where the process can end by itself */
export async function leave(log: Logger, code: number): Promise<void> {
  if (await written(log, LAST_LINES_MS)) process.exit(code)
  // A write that is stuck keeps the thread that does it, and Node waits for all its threads.
  process.kill(process.pid, 'SIGKILL')
}
