import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { Filling } from './filling.js'
import type { Ranks } from './ranks-thread.js'

export type EncodingName = 'o200k_base' | 'cl100k_base'

/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number

interface Encodings {
  getEncodingParams(name: EncodingName, ranks: () => Ranks): object
}
interface GptEncodings {
  readonly GptEncoding: new (params: object) => GptEncoding
}
type GptEncoding = Pick<typeof import('gpt-tokenizer/encoding/o200k_base'), 'countTokens'>

const ready = new Map<EncodingName, CountTokens>()
const loading = new Map<EncodingName, Promise<void>>()
const require = createRequire(import.meta.url)

/**
 * Makes an encoding ready, once for a thread; some 40 MB. The library takes an event loop 0.3 s in a piece for that: here another thread reads the
 * encoding and sends it over in pieces, which are put in place one by one, so that the loop turns every 20 ms or so. Meant
 * for the time a configuration is loaded: until it is ready, texts are estimated. What failed once is not tried again.
 */
export function preloadEncoding(name: EncodingName): Promise<void> {
  let promise = loading.get(name)
  if (promise === undefined) {
    promise = load(name)
    loading.set(name, promise)
  }
  return promise
}

/** Undefined: it is not ready, but will be soon. */
export function encoding(name: EncodingName): CountTokens | undefined {
  const count = ready.get(name)
  if (count === undefined) preloadEncoding(name).catch(() => undefined) // who preloads it hears why not
  return count
}

async function load(name: EncodingName): Promise<void> {
  const { getEncodingParams }: Encodings = require('gpt-tokenizer/cjs/modelParams')
  await turn()
  const { GptEncoding }: GptEncodings = require('gpt-tokenizer/cjs/GptEncoding')
  await turn()
  // Made without a token; with them it would do at once what `Filling` does in pieces.
  const params = { ...getEncodingParams(name, () => []), expectedVocabularySize: undefined }
  const made = new GptEncoding(params)
  const filling = new Filling(made)
  await eachPiece(name, piece => filling.add(piece))
  filling.end()
  const options = { disallowedSpecial: new Set<string>() } // "<|endoftext|>" in a text is text
  made.countTokens('', options)
  ready.set(name, text => made.countTokens(text, options))
}

/** Asks for a piece when the one before is in its place, and lets the event loop turn in between. */
function eachPiece(name: EncodingName, take: (piece: Ranks) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./ranks-thread.js', import.meta.url), { workerData: name })
    thread.unref()
    thread.on('message', (piece: Ranks) => {
      take(piece)
      if (piece.length > 0) {
        setImmediate(() => thread.postMessage('more'))
        return
      }
      resolve()
      void thread.terminate()
    })
    thread.on('error', reject)
    thread.on('exit', () => reject(new Error(`the thread that reads ${name} ended`)))
    thread.postMessage('more')
  })
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
