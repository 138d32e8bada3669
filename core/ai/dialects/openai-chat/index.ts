import { sse } from '../../frames/sse.js'
import { isObject } from '../../members.js'
import type { Dialect } from '../dialect.js'
import { editResponse } from './edit-response.js'
import { embeddings } from './embeddings.js'
import { failureIn, readFailure } from './failure.js'
import { readRequest } from './read-request.js'
import { readResponse } from './read-response.js'
import { streamReader } from './stream-reader.js'
import { streamWatch } from './stream-watch.js'
import { streamWriter } from './stream-writer.js'
import { usageIn } from './usage.js'
import { writeFailure } from './write-failure.js'
import { writeRequest } from './write-request.js'
import { writeResponse } from './write-response.js'

/** OpenAI's chat completions, and everything else below its `/v1` but responses and the older completions. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
  framing: sse,
  chat: {
    answerIn: ['choices'],
    toolNames: /^[a-zA-Z0-9_-]{1,64}$/,
    readRequest,
    writeRequest,
    readResponse,
    writeResponse,
    editResponse,
    streamReader,
    streamWriter
  },
  embeddings,
  usage: usageIn,
  failureIn,
  streamWatch,
  readFailure,
  ownFailure: body => isObject(body.error),
  writeFailure
}
