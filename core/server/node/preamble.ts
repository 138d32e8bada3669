import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** What was made of the first bytes of a connection. */
export type Look<T> =
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }
  /** `bytes` of it are taken off; what follows is read by whoever gets the connection next. */
  | { readonly kind: 'whole'; readonly bytes: number; readonly value: T }

/**
 * Reads the beginning of a connection until `look` knows what it is, then calls `then` with it. A connection that ends
 * before that, or takes longer, goes to `failed`, once.
 */
export function readPreamble<T>(
  socket: Socket,
  timeoutMs: number,
  look: (bytes: Buffer) => Look<T>,
  then: (value: T) => void,
  failed: (reason: string) => void
): void {
  let bytes: Buffer = Buffer.alloc(0)
  const timer = setTimeout(() => fail('the beginning of the connection did not arrive in time'), timeoutMs)
  const stop = (): void => {
    clearTimeout(timer)
    socket.off('readable', read)
    socket.off('close', closed)
    socket.off('end', closed)
  }
  const fail = (reason: string): void => {
    stop()
    failed(reason)
  }
  const closed = (): void => fail('the connection ended before its beginning was whole')
  const read = (): void => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const found = look(bytes)
    if (found.kind === 'more') return
    if (found.kind === 'bad') {
      fail(found.reason)
      return
    }
    stop()
    const rest = bytes.subarray(found.bytes)
    if (rest.length > 0) socket.unshift(rest)
    process.nextTick(then, found.value) // the stream notices only then that nobody waits for "readable" any more
  }
  socket.on('readable', read)
  socket.on('close', closed)
  socket.on('end', closed)
}
