import { sse } from '../../frames/sse.js'
import type { Dialect } from '../dialect.js'
import { hasForeignThinking } from './carried.js'
import { editResponse } from './edit-response.js'
import { readFailure, writeFailure } from './failure.js'
import { looseCount } from './loose.js'
import { readRequest } from './read-request.js'
import { readResponse, writeResponse } from './response.js'
import { anthropicStreamReader } from './stream-reader.js'
import { anthropicStreamWatch } from './stream-watch.js'
import { anthropicStreamWriter } from './stream-writer.js'
import { messageUsage } from './usage.js'
import { writeRequest } from './write-request.js'

/** Anthropic's Messages API: docs.claude.com/en/api/messages. */
export const anthropic: Dialect = {
  name: 'anthropic',
  framing: sse,
  chat: {
    answerIn: ['content'],
    toolNames: /^[a-zA-Z0-9_-]{1,128}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: anthropicStreamReader,
    streamWriter: anthropicStreamWriter
  },
  countTokens: {
    readResponse: body => looseCount(body.input_tokens) ?? 0,
    writeResponse: tokens => ({ input_tokens: tokens })
  },
  usage: messageUsage,
  carriesForeign: hasForeignThinking,
  streamWatch: anthropicStreamWatch,
  readFailure,
  ownFailure: body => body.type === 'error',
  writeFailure
}
