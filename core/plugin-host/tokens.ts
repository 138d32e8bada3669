import { createRequire } from 'node:module'

/** Encodings by the numbers plugins use, from 1. */
const ENCODINGS = ['o200k_base', 'cl100k_base'] as const

/**
 * The tokenizer takes time that grows with the square of a run of letters, signs or blanks without an end: longer ones are
 * cut, which may make a token more of each cut.
 */
const RUN = /[^\s\p{P}]{256}|[\p{P}]{256}|\s{256}/gu
const SPECIAL = { disallowedSpecial: new Set<string>() } // "<|endoftext|>" in a text is text

type Tokenizer = Pick<typeof import('gpt-tokenizer/encoding/o200k_base'), 'countTokens'>

const loaded: (Tokenizer | undefined)[] = []
// require(): a host function cannot wait, and each encoding takes memory that only those who count are to pay for.
const require = createRequire(import.meta.url)

/** Makes an encoding ready, some 0.2 s and 40 MB of the thread. @returns false when there is none of that number */
export function loadTokens(encoding: number): boolean {
  const name = ENCODINGS[encoding - 1]
  if (name === undefined) return false
  loaded[encoding] ??= require(`gpt-tokenizer/cjs/encoding/${name}`)
  return true
}

/** Tokens of a text; undefined when the encoding is not loaded. */
export function countTokens(encoding: number, text: string): number | undefined {
  const tokenizer = loaded[encoding]
  if (tokenizer === undefined) return undefined
  let count = 0
  let from = 0
  for (const { 0: run, index } of text.matchAll(RUN)) {
    const to = index + run.length
    count += tokenizer.countTokens(text.slice(from, to), SPECIAL)
    from = to
  }
  return count + tokenizer.countTokens(text.slice(from), SPECIAL)
}
