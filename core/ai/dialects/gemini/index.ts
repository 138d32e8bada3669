import { sse } from '../../frames/sse.js'
import { countIn } from '../../lenient.js'
import type { Dialect } from '../dialect.js'
import { ReaderWatch } from '../reader-watch.js'
import { editResponse } from './edit-response.js'
import { embeddings } from './embeddings.js'
import { blockedIn, isBlocked, readFailure, writeFailure } from './failure.js'
import { isBroken } from './finish.js'
import { readRequest } from './request-read.js'
import { writeRequest } from './request-write.js'
import { brokenIn, readResponse } from './response-read.js'
import { writeResponse } from './response-write.js'
import { hasForeignThoughts } from './signature.js'
import { GeminiStreamReader } from './stream-reader.js'
import { GeminiStreamWriter } from './stream-writer.js'
import { readUsage } from './usage.js'

/**
 * Google's generateContent and its relatives, as the Gemini API and Vertex speak them: https://ai.google.dev/api
 *
 * Streams are SSE to who asks for `alt=sse`; to others they are one JSON array (frames/json-array.ts).
 */
export const gemini: Dialect = {
  name: 'gemini',
  framing: sse,
  chat: {
    answerIn: ['candidates', 'promptFeedback', 'usageMetadata'],
    toolNames: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: sameDialect => new GeminiStreamReader(sameDialect),
    streamWriter: wish => new GeminiStreamWriter(wish)
  },
  embeddings,
  countTokens: {
    readResponse: body => countIn(body.totalTokens),
    writeResponse: tokens => ({
      totalTokens: tokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }]
    })
  },
  usage: readUsage,
  failureIn: (body, sameDialect) => blockedIn(body) ?? (sameDialect ? undefined : brokenIn(body)),
  toldAsAnswer: failure => isBlocked(failure) || isBroken(failure),
  carriesForeign: hasForeignThoughts,
  streamWatch() {
    const reader = new GeminiStreamReader()
    return new ReaderWatch(reader, () => reader.whole)
  },
  readFailure,
  writeFailure
}
