import { awsEventStream } from '../../frames/aws-event-stream.js'
import { hasForeignThinking } from '../anthropic/carried.js'
import { looseCount } from '../anthropic/loose.js'
import type { Dialect } from '../dialect.js'
import { editResponse } from './edit-response.js'
import { embeddings, embeddingUsage } from './embeddings.js'
import { readFailure, writeFailure } from './failure.js'
import { invokeStreamWatch } from './invoke-watch.js'
import { readRequest } from './read-request.js'
import { readResponse, writeResponse } from './response.js'
import { converseStreamReader } from './stream-reader.js'
import { converseStreamWatch } from './stream-watch.js'
import { converseStreamWriter } from './stream-writer.js'
import { answerUsage } from './usage.js'
import { writeRequest } from './write-request.js'

/** Bedrock's Converse and ConverseStream: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html. */
export const converse: Dialect = {
  name: 'converse',
  framing: awsEventStream,
  chat: {
    answerIn: ['output'],
    toolNames: /^[a-zA-Z0-9_-]{1,64}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: converseStreamReader,
    streamWriter: converseStreamWriter
  },
  countTokens: {
    readResponse: body => looseCount(body.inputTokens) ?? 0,
    writeResponse: tokens => ({ inputTokens: tokens })
  },
  embeddings,
  usage: body => answerUsage(body) ?? embeddingUsage(body),
  carriesForeign: hasForeignThinking,
  streamWatch: operation => (operation === 'invoke' ? invokeStreamWatch() : converseStreamWatch()),
  readFailure,
  ownFailure: body => typeof body.message === 'string',
  writeFailure
}
