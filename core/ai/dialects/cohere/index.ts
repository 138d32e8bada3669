import { sse } from '../../frames/sse.js'
import type { Dialect } from '../dialect.js'
import { ReaderWatch } from '../reader-watch.js'
import { editResponse } from './edit-response.js'
import { embeddings } from './embeddings.js'
import { failureIn, readFailure, writeFailure } from './failure.js'
import { readRequest } from './request-read.js'
import { writeRequest } from './request-write.js'
import { rerank } from './rerank.js'
import { readResponse, writeResponse } from './response.js'
import { CohereStreamReader } from './stream-reader.js'
import { CohereStreamWriter } from './stream-writer.js'
import { readUsage } from './usage.js'

/** Cohere's API, version 2: https://docs.cohere.com/reference */
export const cohere: Dialect = {
  name: 'cohere',
  framing: sse,
  chat: {
    answerIn: ['message'],
    toolNames: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: () => new CohereStreamReader(),
    streamWriter: () => new CohereStreamWriter()
  },
  embeddings,
  rerank,
  usage: readUsage,
  failureIn,
  streamWatch: () => new ReaderWatch(new CohereStreamReader()),
  readFailure,
  writeFailure
}
