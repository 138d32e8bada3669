import { Buffer } from 'node:buffer'

/*
 * Methods of the language as plain functions, for what runs many times for each request. As methods they would be looked up each time:
 * texts come in more shapes than V8's caches hold, and those of buffers are on a prototype too large for them.
 */

/** The character code at a place. */
export const codeAt: (text: string, index: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt)

/** A part of a text. */
export const sliceOf: (text: string, start: number, end: number) => string = Function.prototype.call.bind(
  String.prototype.slice
)

/** A view of a part. */
export const partOf: (bytes: Buffer, start: number, end: number) => Buffer = Function.prototype.call.bind(
  Buffer.prototype.subarray
)

/** The text of bytes that are ISO 8859-1, ASCII among them. Buffers have it since their first day, though not in their documentation. */
export const latin1Of: (bytes: Uint8Array, start: number, end: number) => string = Function.prototype.call.bind(
  Reflect.get(Buffer.prototype, 'latin1Slice')
)

/** Copies `source` to a place in `target`. @throws RangeError when it does not fit */
export const copyTo: (target: Uint8Array, source: Uint8Array, at: number) => void = Function.prototype.call.bind(
  Uint8Array.prototype.set
)
