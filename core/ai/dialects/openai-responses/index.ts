import { sse } from '../../frames/sse.js'
import { badResponse, isObject } from '../../members.js'
import { carriesForeignSignatures } from '../../signatures.js'
import type { Dialect } from '../dialect.js'
import { editResponse } from './edit-response.js'
import { readFailure, writeFailure } from './failure.js'
import { readRequest } from './read-request.js'
import { readResponse, writeResponse } from './response.js'
import { ResponseEnding } from './stream-ending.js'
import { ResponsesReader } from './stream-reader.js'
import { ResponsesWatch } from './stream-watch.js'
import { ResponsesWriter } from './stream-writer.js'
import { usageOfResponse } from './usage.js'
import { writeRequest } from './write-request.js'

/** OpenAI's Responses API (platform.openai.com/docs/api-reference/responses), as Azure, xAI and servers of open models speak it too. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  framing: sse,
  chat: {
    answerIn: ['output', 'status'],
    toolNames: /^[a-zA-Z0-9_-]{1,64}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader: sameDialect => new ResponsesReader(sameDialect),
    streamWriter: wish => new ResponsesWriter(wish),
    streamEnding: wish => new ResponseEnding(wish)
  },
  countTokens: {
    readResponse(body) {
      const tokens = body.input_tokens
      if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0) return tokens
      throw badResponse('input_tokens', 'a whole number', tokens)
    },
    writeResponse: tokens => ({ object: 'response.input_tokens', input_tokens: tokens })
  },
  usage: usageOfResponse,
  carriesForeign: carriesForeignSignatures,
  streamWatch: operation => new ResponsesWatch(operation === 'response-get'),
  readFailure,
  ownFailure: body => isObject(body.error),
  writeFailure
}
