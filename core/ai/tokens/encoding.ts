import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Filling } from './filling.js'
import { TiktokenReader, type Token } from './tiktoken.js'

export type EncodingName = 'o200k_base' | 'cl100k_base'

/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number

interface Encodings {
  getEncodingParams(name: EncodingName, ranks: () => readonly Token[]): object
}
interface GptEncodings {
  readonly GptEncoding: new (params: object) => GptEncoding
}
type GptEncoding = Pick<typeof import('gpt-tokenizer/encoding/o200k_base'), 'countTokens'>

const ready = new Map<EncodingName, CountTokens>()
const loading = new Map<EncodingName, Promise<void>>()
const require = createRequire(import.meta.url)

/** So many tokens are put in place in a turn of the event loop: that takes some ten milliseconds. */
const PIECE = 10_000

/**
 * Makes an encoding ready, once for a thread; some 40 MB. The library takes an event loop 0.3 s in a piece for that: here its tokens are
 * read and put in place piece by piece. Meant for the time a configuration is loaded: until it is ready, texts are estimated.
 * What failed once is not tried again.
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
  const reader = new TiktokenReader(await readFile(require.resolve(`gpt-tokenizer/data/${name}.tiktoken`)))
  for (let piece = reader.next(PIECE); piece.length > 0; piece = reader.next(PIECE)) {
    filling.add(piece)
    await turn()
  }
  filling.end()
  const options = { disallowedSpecial: new Set<string>() } // "<|endoftext|>" in a text is text
  made.countTokens('', options)
  ready.set(name, text => made.countTokens(text, options))
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
