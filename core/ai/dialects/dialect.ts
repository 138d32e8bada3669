import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import type { ChatRequest, ChatResponse } from '../chat.js'
import type { EmbeddingRequest, EmbeddingResponse } from '../embedding.js'
import type { ChatEvent } from '../events.js'
import type { ProviderFailure } from '../failure.js'
import type { Frame, Framing } from '../frames/frame.js'
import type { JsonObject } from '../members.js'
import type { AnswerEdits } from '../part-edits.js'
import type { RerankRequest, RerankResponse } from '../rerank.js'
import type { Usage } from '../usage.js'

export type DialectName =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic'
  | 'gemini'
  | 'converse'
  | 'cohere'
  | 'ollama-chat'
  | 'ollama-generate'

/** Where the names of what a request could not carry across are collected. */
export interface Dropped {
  /** @param name - of the member of the request, as the caller wrote it where that is known ("top_k", "tools[0].strict") */
  drop(name: string): void
}

/** What of the request is not in its body. */
export interface RequestHints {
  /** From the path, where the dialect puts it there; empty: the body has it. */
  readonly model: string
  /** From the path, where the dialect puts it there; undefined: the body says. */
  readonly stream: boolean | undefined
  readonly headers: HeaderList
  /**
   * The request stays with a provider of the same dialect: what only that can read (ids of its state, its own tools and items) is kept in
   * `extra` for the writer. Otherwise a request that cannot do without it is refused.
   */
  readonly sameDialect?: boolean
  /** The request is only looked at: what a provider keeps, and nobody here can read, is no reason to refuse it. */
  readonly toSee?: boolean
}

/** What the reply's shape depends on besides the answer. */
export interface Wish {
  /** The model as the client asked for it. */
  readonly model: string
  /** Whether the client wants usage within the stream (OpenAI's stream_options.include_usage). */
  readonly includeUsage: boolean
  /** The client's whole request, in its own dialect: some replies repeat parts of it (Responses). */
  readonly request: JsonObject
  /** When the request came, as performance.now() has it: some replies say how long they took (Bedrock's `latencyMs`). */
  readonly startedMs?: number | undefined
  /** The answer comes from a provider of the same dialect: the names it has there stay. */
  readonly sameDialect?: boolean
  /**
   * The client is Mistral's: in a stream it takes calls of tools only whole, and usage without asking for it; embeddings have an id.
   */
  readonly mistrals?: boolean
}

export interface ChatDialect {
  /** Members of a whole reply: one with none of them is no answer. */
  readonly answerIn: readonly string[]
  /** The names of tools that are taken; left out: all. */
  readonly toolNames?: RegExp
  /** @throws Refusal GW_AI_REQUEST_INVALID, with the member's path */
  readRequest(body: JsonObject, hints: RequestHints): ChatRequest
  /** `model` goes where the dialect puts it; a provider whose path has it takes it off again. */
  writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject
  /** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE */
  readResponse(body: JsonObject): ChatResponse
  writeResponse(response: ChatResponse, wish: Wish): JsonObject
  /**
   * A reply of this dialect after policies changed it: as its provider wrote it, but for what they changed.
   * @param edits - by choice of the reply, as it was read
   * @returns undefined: the reply has no place for an answer, and is written anew
   */
  editResponse(body: JsonObject, edits: AnswerEdits): JsonObject | undefined
  /**
   * A new one for each stream.
   * @param sameDialect - what only the dialect has words for is told too, as `native`: its own writer is to have it
   */
  streamReader(sameDialect?: boolean): StreamReader
  streamWriter(wish: Wish): StreamWriter
  /** For a dialect whose streams name the parts of an answer; left out: what was read is written once more, and so is its end. */
  streamEnding?(wish: Wish): StreamEnding
}

/** Reads the frames of a provider. */
export interface StreamReader {
  /**
   * @returns what the frame says, in order; an `end` when it is the last one there has to be
   * @throws GatewayError GW_UPSTREAM_BAD_RESPONSE for what is no frame of the dialect
   */
  read(frame: Frame): ChatEvent[]
  /** The connection is over: what is to be said still. Without an `end` among all events, the stream broke off. */
  end(): ChatEvent[]
  /** Whether a choice has the end that is told when the stream is over. Left out: each is told when it comes. */
  hasFinished?(choice: number): boolean
}

/** Follows what a client has seen of an answer, to end it there. */
export interface StreamEnding {
  /** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE for what is no frame of the dialect */
  see(frame: Frame): void
  /** Quarters of tokens of the answer so far, about, also of what it thinks and calls. */
  readonly quarters: number
  /** It has ended by itself. */
  readonly over: boolean
  /** How it ends here, for its length: once. */
  end(usage: Usage): Frame[]
}

/** Writes the frames for a client. */
export interface StreamWriter {
  write(event: ChatEvent): Frame[]
}

/** What a request means to do. */
export type Operation =
  | 'chat'
  /** Bedrock's InvokeModel with a body that is some model's own: nobody reads it here. */
  | 'invoke'
  | 'count-tokens'
  | 'embeddings'
  | 'rerank'
  | 'moderations'
  | 'image-generation'
  | 'image-edit'
  | 'image-variation'
  | 'speech'
  | 'transcription'
  | 'translation'
  | 'models'
  | 'response-get'
  | 'response-delete'
  | 'response-cancel'
  | 'response-input-items'
  | 'response-input-tokens'

export interface Dialect {
  readonly name: DialectName
  /** How its streams are cut. */
  readonly framing: Framing
  readonly chat: ChatDialect
  readonly embeddings?: {
    readRequest(body: JsonObject, hints: RequestHints): EmbeddingRequest
    writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject
    readResponse(body: JsonObject): EmbeddingResponse
    writeResponse(response: EmbeddingResponse, wish: Wish): JsonObject
  }
  readonly rerank?: {
    readRequest(body: JsonObject, hints: RequestHints): RerankRequest
    writeRequest(request: RerankRequest, dropped: Dropped): JsonObject
    readResponse(body: JsonObject): RerankResponse
    writeResponse(response: RerankResponse, wish: Wish): JsonObject
  }
  /** Token counts of a prompt, where the dialect has an endpoint for it: the number, and how it is answered. */
  readonly countTokens?: {
    readResponse(body: JsonObject): number
    writeResponse(tokens: number): JsonObject
  }
  /**
   * What a whole reply used, whichever operation it answers; undefined: it does not say. For replies that pass untouched, so it must not
   * mind what it does not know.
   */
  usage(body: JsonObject): Usage | undefined
  /**
   * The error within a whole reply that came with status 200, where the dialect puts some there (a prompt that was refused).
   * @param sameDialect - the client has the dialect's own words for an answer of which nothing came
   */
  failureIn?(body: JsonObject, sameDialect?: boolean): ProviderFailure | undefined
  /** Whether a failure within a stream was told as an answer, in words of the dialect that its clients know: it may pass as it came. */
  toldAsAnswer?(failure: ProviderFailure): boolean
  /**
   * Whether a request of this dialect carries reasoning that providers of other dialects signed: it has to be read and written even for a provider of
   * this one, which would refuse it.
   */
  carriesForeign?(body: Buffer): boolean
  /** Follows a stream that passes untouched: of chats, unless said. */
  streamWatch(operation?: Operation): StreamWatch
  /** @param body - parsed, or the text when it is no JSON */
  readFailure(status: number, body: unknown): ProviderFailure
  /** Whether an error reply is in the dialect's own words, where clouds that speak it have others; left out: it is. */
  ownFailure?(body: JsonObject): boolean
  /** The body of an error reply, for clients of this dialect. */
  writeFailure(failure: ProviderFailure, requestId: string): { status: number; body: JsonObject; headers: HeaderList }
}

/** The most of an answer's text that is kept, characters. */
export const MAX_WATCHED_TEXT = 1024 * 1024

/** Takes from a stream what has to be known of it, cheaply: it sees every frame of every stream. */
export interface StreamWatch {
  frame(frame: Frame): void
  /** What it used so far. */
  readonly usage: Usage | undefined
  /** The error that came within the stream. */
  readonly failure: ProviderFailure | undefined
  /** Whether the dialect's own end was seen. */
  readonly ended: boolean
  /** Whether something of the answer was seen: from here on there is no falling back. */
  readonly begun: boolean
  /** The text of the answer so far, for an estimate when no usage comes; bounded by MAX_WATCHED_TEXT. */
  readonly text: string
  /** The model that answered, as the stream says it; empty: it does not. */
  readonly model: string
  /** How a client that has seen this much is told of a failure; undefined, or left out: as one that has seen nothing. */
  broken?(failure: ProviderFailure): Frame[] | undefined
}
