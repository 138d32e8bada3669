import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Ranks } from './ranks-thread.js'

export type EncodingName = 'o200k_base' | 'cl100k_base'

/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number

type Api = Pick<typeof import('gpt-tokenizer/encoding/o200k_base'), 'countTokens'>
interface GptEncodings {
  readonly GptEncoding: { getEncodingApi(name: EncodingName, ranks: () => Ranks): Api }
}

const ready = new Map<EncodingName, CountTokens>()
const loading = new Map<EncodingName, Promise<void>>()
const require = createRequire(import.meta.url)

/**
 * Makes an encoding ready, once for a thread; some 40 MB. Reading one takes an event loop 0.3 s in a piece, so another thread reads it and sends it
 * over in pieces; what is left to do here is 0.1 s for the larger and half for the smaller one. Meant for the time a configuration
 * is loaded: until it is ready, texts are estimated.
 */
export function preloadEncoding(name: EncodingName): Promise<void> {
  let promise = loading.get(name)
  if (promise === undefined) {
    promise = load(name).catch((thrown: unknown) => {
      loading.delete(name)
      throw thrown
    })
    loading.set(name, promise)
  }
  return promise
}

/** Undefined: it is not ready. */
export function encoding(name: EncodingName): CountTokens | undefined {
  return ready.get(name)
}

async function load(name: EncodingName): Promise<void> {
  const ranks = await ranksOf(name)
  const { GptEncoding }: GptEncodings = require('gpt-tokenizer/cjs/GptEncoding')
  await turn()
  const api = GptEncoding.getEncodingApi(name, () => ranks)
  await turn()
  const options = { disallowedSpecial: new Set<string>() } // "<|endoftext|>" in a text is text
  api.countTokens('', options)
  ready.set(name, text => api.countTokens(text, options))
}

function ranksOf(name: EncodingName): Promise<Ranks> {
  return new Promise((resolve, reject) => {
    const ranks: Ranks[number][] = []
    const thread = new Worker(new URL('./ranks-thread.js', import.meta.url), { workerData: name })
    thread.unref()
    thread.on('message', (piece: Ranks) => {
      for (const rank of piece) ranks.push(rank)
      if (piece.length > 0) setImmediate(() => thread.postMessage('more'))
      else resolve(ranks)
      if (piece.length === 0) void thread.terminate()
    })
    thread.postMessage('more')
    thread.on('error', reject)
    thread.on('exit', () => reject(new Error(`the thread that reads ${name} ended`)))
  })
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
