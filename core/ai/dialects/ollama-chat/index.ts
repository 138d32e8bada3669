import { ndjson } from '../../frames/ndjson.js'
import type { Dialect } from '../dialect.js'
import { embeddings } from '../ollama/embeddings.js'
import { readFailure, writeFailure } from '../ollama/failure.js'
import { readUsage } from '../ollama/reply.js'
import { ReaderWatch } from '../reader-watch.js'
import { editResponse } from './edit-response.js'
import { readRequest } from './request-read.js'
import { writeRequest } from './request-write.js'
import { readResponse, writeResponse } from './response.js'
import { OllamaChatReader, OllamaChatWriter } from './stream.js'

/** Ollama's own API: https://docs.ollama.com/api */
export const ollamaChat: Dialect = {
  name: 'ollama-chat',
  framing: ndjson,
  chat: {
    answerIn: ['message'],
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: () => new OllamaChatReader(),
    streamWriter: wish => new OllamaChatWriter(wish)
  },
  embeddings,
  usage: readUsage,
  streamWatch: () => new ReaderWatch(new OllamaChatReader()),
  readFailure,
  writeFailure
}
