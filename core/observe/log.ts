import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions, symbols } from 'pino'
import { type ByteStream, LineBuffer } from './line-buffer.js'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type { Logger } from 'pino'

/**
 * Sluice's log: one JSON object a line on standard output. Lines are collected and written together, at the latest
 * when the process ends; `flush` writes them now.
 */
export function createLog(level: LogLevel, sink: DestinationStream = bufferedStdout()): Logger {
  return pino({ level, base: null, timestamp: stdTimeFunctions.epochTime }, sink)
}

/**
 * Writes what has been collected. Never rejects.
 * @returns whether all is written, or can never be, as nobody reads any more; false: it is not after so many milliseconds
 */
export function written(log: Logger, ms: number): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), ms)
    log.flush(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

/**
 * Writes whole lines, line feed included, to where `log` writes. undefined where lines are pino's alone to make: every line of the log
 * has fields of its own, or its stream wants to know more of a line than the text.
 */
export function rawWriter(log: Logger): ((line: string) => void) | undefined {
  const stream: unknown = Reflect.get(log, symbols.streamSym)
  if (!isPlain(stream) || Object.keys(log.bindings()).length > 0) return undefined
  return line => stream.write(line)
}

function isPlain(stream: unknown): stream is DestinationStream {
  return (
    typeof stream === 'object' &&
    stream !== null &&
    'write' in stream &&
    typeof stream.write === 'function' &&
    Reflect.get(stream, symbols.needsMetadataGsym) !== true
  )
}

/** What waits for a reader that is too slow, bytes: what comes on top of it is thrown away, and counted. */
const WAITING_BYTES = 64 * 1_048_576

/** Many lines are one system call, at the latest after half a second. */
function bufferedStdout(): DestinationStream {
  const stream = destination({ dest: 1, sync: false, minLength: 1, maxLength: WAITING_BYTES, contentMode: 'buffer' })
  const bytes: ByteStream = {
    write: block => Reflect.apply(stream.write, stream, [block]), // its types know only texts
    flush: done => stream.flush(done),
    flushSync: () => stream.flushSync(),
    writeSync: block => {
      const last = destination({ dest: 1, sync: true, contentMode: 'buffer' })
      Reflect.apply(last.write, last, [block])
    }
  }
  const lines = new LineBuffer(bytes, count => `${JSON.stringify(lostLines(count))}\n`)
  stream.on('drop', (block: Buffer) => lines.dropped(block))
  stream.on('drain', () => lines.drained())
  const timer = setInterval(() => lines.flush(), 500)
  timer.unref()
  process.once('exit', () => lines.flushSync())
  return lines
}

function lostLines(lines: number): object {
  return {
    level: pino.levels.values.warn,
    time: Date.now(),
    lines,
    msg: 'log lines were lost: whoever reads them is too slow'
  }
}
