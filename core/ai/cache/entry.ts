import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import type { Usage } from '../usage.js'
import type { Shape } from './ask.js'

/** Where an answer came from. */
export interface AnswerFacts {
  readonly provider: string
  /** As the provider is asked for it. */
  readonly model: string
  /** Where it was made; empty: nobody knows. */
  readonly region: string
  /** Parameters that could not be carried over to that provider. */
  readonly dropped: readonly string[]
  /** It speaks another dialect than the client whose call it was: nothing of the answer is kept there. */
  readonly translated: boolean
}

/** A stored answer: the bytes one client got, and all that is needed to write it for others. */
export interface StoredAnswer {
  readonly key: string
  readonly route: string
  readonly shape: Shape
  /** Headers that go with it, without Content-Type. */
  readonly headers: HeaderList
  readonly bytes: Buffer
  readonly facts: AnswerFacts
  /** What it used when it was made; undefined: nobody said. */
  readonly usage: Usage | undefined
  /** Milliseconds of the cache's clock. */
  readonly storedAt: number
  readonly expiresAt: number
  /** What it takes of the budget, bytes. */
  size: number
  removed: boolean
}

/** What an entry costs beside its bytes: objects, maps, the key. */
const OVERHEAD_BYTES = 768

export function sizeOf({ bytes, headers, facts }: Pick<StoredAnswer, 'bytes' | 'headers' | 'facts'>): number {
  const texts = [...headers, ...facts.dropped]
  return bytes.length + texts.reduce((sum, text) => sum + text.length + 16, 0) + OVERHEAD_BYTES
}
