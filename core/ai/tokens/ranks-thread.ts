import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

/** What each token of an encoding stands for, by its number; bytes where they are no text, nothing where there is none. */
export type Ranks = readonly (string | readonly number[] | undefined)[]

/** Taking over so many takes an event loop a few milliseconds. */
const PIECE = 10_000

// The thread of encoding.ts: reads an encoding and sends it over.
const require = createRequire(import.meta.url)
const { default: ranks }: { readonly default: Ranks } = require(`gpt-tokenizer/cjs/bpeRanks/${workerData}`)
let from = 0
// A piece for each question: what lies in a port is handed over in one turn of the loop.
parentPort?.on('message', () => {
  parentPort?.postMessage(ranks.slice(from, from + PIECE))
  from += PIECE
})
