import type { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json, type Whole } from './api.js'
import { openaiErrors } from './apis/openai-errors.js'
import { invalid, notFound, Refused } from './failure.js'
import type { Log, Received } from './log.js'
import type { Recordings } from './recordings.js'
import { type Rules, readRule } from './rules.js'

/** What the control endpoints can reach. */
export interface Controlled {
  readonly log: Log
  readonly rules: Rules
  readonly recordings: Recordings
  reset(): void
}

/** The endpoints below /mock/, with which a test in another process steers the mock and looks at what it received. */
export function control(
  mock: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  path: string
): void {
  let reply: Whole
  try {
    reply = answer(mock, `${request.method} ${path}`, body)
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    reply = json(openaiErrors.body(thrown.failure), thrown.failure.status)
  }
  response.writeHead(reply.status, reply.headers)
  response.end(reply.body)
}

function answer(mock: Controlled, what: string, body: Buffer): Whole {
  switch (what) {
    case 'GET /mock/requests':
      return json({ total: mock.log.total, requests: mock.log.requests.map(shown) })
    case 'GET /mock/faults':
      return json({ faults: mock.rules.list() })
    case 'POST /mock/faults':
      mock.rules.add(readRule(parsed(body)))
      return json({ faults: mock.rules.list() })
    case 'DELETE /mock/faults':
      mock.rules.clear()
      return json({ faults: [] })
    case 'GET /mock/recordings':
      return json({ recordings: mock.recordings.names() })
    case 'POST /mock/reset':
      mock.reset()
      return json({})
    default:
      throw notFound(
        `there is no "${what}"; expected GET /mock/requests, GET, POST or DELETE /mock/faults, ` +
          'GET /mock/recordings, POST /mock/reset'
      )
  }
}

/** The body's exact bytes in base64. */
function shown(request: Received) {
  return { ...request, body: request.body.toString('base64') }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw invalid('the body is not JSON')
  }
}
