import { randomBytes } from 'node:crypto'

const BYTES = 15

/** A name for what a provider gave none. @param prefix - "chatcmpl-", "call_" */
export function newId(prefix: string): string {
  return prefix + randomBytes(BYTES).toString('hex')
}

/** Seconds since 1970, for answers whose provider does not say when they were made. */
export function createdOr(created: number): number {
  return created > 0 ? created : Math.floor(Date.now() / 1_000)
}
