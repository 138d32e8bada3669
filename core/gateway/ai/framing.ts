import type { Framing } from '../../ai/frames/frame.js'
import type { AiExchange } from './ai-exchange.js'
import type { Prepared } from './prepare.js'

/** How the client wants its stream cut. */
export function clientFraming({ dialect }: AiExchange): Framing {
  return dialect.framing
}

/** How the provider cuts its own. */
export function providerFraming({ dialect }: Prepared): Framing {
  return dialect.framing
}
