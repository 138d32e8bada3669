/**
 * A process of the AssemblyScript compiler (asc.ts): compiles what it is sent, one plugin after the other, as long as the process that
 * started it lives. Loading the compiler is a third of what a compilation takes, and the second one finds its code compiled.
 */
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'

/** One compilation. */
export interface Compilation {
  readonly args: readonly string[]
  /** The folder it runs in. */
  readonly dir: string
}

export interface Compiled {
  readonly exitCode: number
  /** What was printed, both streams. */
  readonly output: string
  /** The process should not be given another one. */
  readonly last: boolean
}

/** What of the compiler is used here, as its documentation has it ("Programmatic usage"). */
interface Asc {
  main(
    args: readonly string[],
    io: { stdout: { write(text: string): void }; stderr: { write(text: string): void } }
  ): Promise<{ error: Error | null }>
}

/** Of memory, more than one compilation takes: what the compiler has kept is given back with its process. */
const MAX_BYTES = 1_073_741_824

// Its optimizer is WASM that runs for a few seconds: V8 would spend a third of the time of the processor on optimizing that. Set from
// within, where a version of V8 that does not know the flag passes over it.
setFlagsFromString('--liftoff-only')
const [, , file = ''] = process.argv
const asc: Asc = await import(pathToFileURL(file).href)

process.on('message', async ({ args, dir }: Compilation) => {
  process.chdir(dir)
  let output = ''
  const stream = {
    write: (text: string) => {
      output += text
    }
  }
  const { error } = await asc.main(args, { stdout: stream, stderr: stream })
  const compiled: Compiled = { exitCode: error ? 1 : 0, output, last: process.memoryUsage.rss() > MAX_BYTES }
  process.send?.(compiled)
})
