import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type { Logger } from 'pino'

/**
 * Sluice's log: one JSON object a line on standard output. Lines are collected and written together, at the latest
 * when the process ends; `flush` writes them now.
 */
export function createLog(level: LogLevel, sink: DestinationStream = bufferedStdout()): Logger {
  return pino({ level, base: null, timestamp: stdTimeFunctions.epochTime }, sink)
}

/** One system call for some 4 KB of lines: one for each line would cost more than the line itself. */
function bufferedStdout(): DestinationStream {
  const stream = destination({ dest: 1, sync: false, minLength: 4_096 })
  const timer = setInterval(() => stream.flush(), 500)
  timer.unref()
  return stream
}
