import { tokensCount } from './imports'
import { utf8Bytes } from './utf8'

/** How a family of models cuts text into tokens. */
export const enum Encoding {
  UNKNOWN = 0,
  O200K = 1,
  CL100K = 2
}

/** The encoding of that name, "o200k_base" or "cl100k_base"; UNKNOWN for any other. */
export function encodingOf(name: string): Encoding {
  if (name == 'o200k_base') return Encoding.O200K
  return name == 'cl100k_base' ? Encoding.CL100K : Encoding.UNKNOWN
}

/** Makes an encoding ready; to be called in on_configure, since it takes some 0.2 s. False when there is no such one. */
export function loadTokens(encoding: Encoding): bool {
  return countTokens('', encoding) == 0
}

/**
 * Tokens of a text, which may have 1 MiB; -1 when it is longer. It traps when the encoding was not loaded in on_configure. Runs of
 * more than 256 characters without a blank or sign are cut there, which may make one token more for each cut.
 */
export function countTokens(text: string, encoding: Encoding = Encoding.O200K): i32 {
  const bytes = utf8Bytes(text)
  return tokensCount(encoding, bytes.dataStart, bytes.length)
}
