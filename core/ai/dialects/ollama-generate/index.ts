import { ndjson } from '../../frames/ndjson.js'
import type { Dialect } from '../dialect.js'
import { readFailure, writeFailure } from '../ollama/failure.js'
import { readUsage } from '../ollama/reply.js'
import { ReaderWatch } from '../reader-watch.js'
import { editResponse } from './edit-response.js'
import { OllamaGenerateReader, OllamaGenerateWriter, readResponse, writeResponse } from './reply.js'
import { readRequest, writeRequest } from './request.js'

/** Ollama's plain completion: https://docs.ollama.com/api/generate */
export const ollamaGenerate: Dialect = {
  name: 'ollama-generate',
  framing: ndjson,
  chat: {
    answerIn: ['response'],
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: () => new OllamaGenerateReader(),
    streamWriter: wish => new OllamaGenerateWriter(wish)
  },
  usage: readUsage,
  streamWatch: () => new ReaderWatch(new OllamaGenerateReader()),
  readFailure,
  writeFailure
}
