import { awsInvoke } from '../../ai/frames/aws-invoke.js'
import type { Framing } from '../../ai/frames/frame.js'
import { jsonArray } from '../../ai/frames/json-array.js'
import type { AiExchange } from './ai-exchange.js'
import type { Prepared } from './prepare.js'

/** How the client wants its stream cut. */
export function clientFraming({ dialect, endpoint }: AiExchange): Framing {
  if (endpoint.framing === 'json-array') return jsonArray
  if (endpoint.framing === 'aws') return awsInvoke
  return dialect.framing
}

/** How the provider cuts its own. */
export function providerFraming({ dialect, address }: Prepared): Framing {
  return address.framing ?? dialect.framing
}
