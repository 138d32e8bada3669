import { sse } from '../../frames/sse.js'
import { isObject } from '../../members.js'
import type { Dialect } from '../dialect.js'
import { failureIn, readFailure } from '../openai-chat/failure.js'
import { streamWatch } from '../openai-chat/stream-watch.js'
import { usageIn } from '../openai-chat/usage.js'
import { writeFailure } from '../openai-chat/write-failure.js'
import { editResponse } from './edit-response.js'
import { readRequest, writeRequest } from './request.js'
import { readResponse, writeResponse } from './response.js'
import { streamReader, streamWriter } from './stream.js'

/** OpenAI's older completions: a prompt in, its continuation out. */
export const openaiCompletions: Dialect = {
  name: 'openai-completions',
  framing: sse,
  chat: {
    answerIn: ['choices'],
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader,
    streamWriter
  },
  usage: usageIn,
  failureIn,
  streamWatch,
  readFailure,
  ownFailure: body => isObject(body.error),
  writeFailure
}
