import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../ai/members.js'
import type { Failure } from './failure.js'
import type { Faults } from './faults.js'
import type { State } from './state.js'

/** A request that was read. */
export interface Call {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  readonly body: Buffer
  /** Empty where the body is none. */
  readonly json: JsonObject
  /** Without faults. */
  readonly model: string
  /** Of the path, where its pattern has groups. */
  readonly groups: readonly string[]
  readonly faults: Faults
  /** Whose prompt cache it is. */
  readonly key: string
  readonly state: State
  /** Notes what it cost. */
  bill(bill: Bill): void
}

/** Tokens of a reply, as the mock would put them on its bill. */
export interface Bill {
  /** The whole prompt, cache included. */
  readonly input: number
  /** Reasoning included. */
  readonly output: number
  readonly reasoning: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Of cacheWrite: for an hour. */
  readonly cacheWriteLong: number
  /** Of a reranker that bills these. */
  readonly searches: number
}

export function billOf(known: Partial<Bill>): Bill {
  return { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, searches: 0, ...known }
}

export interface Whole {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Streamed {
  readonly headers: Readonly<Record<string, string>>
  /** What comes between two events means nothing and may be a comment. */
  readonly frames: readonly Buffer[]
  /** How many at the end are the terminal event and what belongs to it. */
  readonly terminal: number
  /** An event that is not JSON, where the content type does not say how one is written. */
  readonly garbage?: Buffer
}

export type Reply = Whole | Streamed

/** How an API says that something went wrong. */
export interface ErrorForm {
  body(failure: Failure): unknown
  /** The same within a stream, after so many events; the stream ends with it. */
  frame(failure: Failure, after: number): Buffer
  /** What is said of it beside the body. */
  headers?(failure: Failure): Readonly<Record<string, string>>
  /** The status for who shows no key that is good; left out: 401. */
  readonly strangers?: number
}

export interface Endpoint {
  readonly method: string
  /** Matched against the end of the path: any prefix is taken. Its groups are handed on. */
  readonly path: RegExp
  readonly errors: ErrorForm
  /** Where the model is, if not in the body. */
  readonly model?: (groups: readonly string[]) => string
  /** A recorded reply as this endpoint sends it, where recordings hold it otherwise. */
  readonly replay?: (recorded: Reply) => Reply
  /** @throws Refused */
  handle(call: Call): Reply | Promise<Reply>
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Whole {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body))
  }
}

/** @param terminal - how many of the last frames are the terminal event */
export function events(frames: readonly Buffer[], terminal: number): Streamed {
  return {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    frames,
    terminal
  }
}

/** An event without a name. */
export function data(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`)
}

/** An event with its type as name. */
export function event(type: string, value: JsonObject): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`)
}
