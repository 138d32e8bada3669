import type { Buffer } from 'node:buffer'
import type { BodySource } from '../../base/body.js'
import type { HeaderList } from '../../base/headers.js'
import type { ChatResponse } from '../chat.js'
import type { Usage } from '../usage.js'
import type { Shape } from './ask.js'
import type { AnswerFacts } from './entry.js'

/** An answer of a model on its way: its head is here. */
export interface ArrivingAnswer {
  /** What its bytes are: the shape in which the one whose call it is asked for it. */
  readonly shape: Shape
  /** Headers that go with it for everybody who gets it, now or later; without Content-Type and what is about one exchange. */
  readonly headers: HeaderList
  readonly body: Buffer | BodySource
  readonly facts: AnswerFacts
  /** Asked at its end: what it used, also where its bytes do not say; undefined: nobody knows. */
  readonly usage?: () => Usage | undefined
  /**
   * Asked at its end: false when it was cut by the gateway, or for another reason must not be given again. Left out: it may.
   * @param response - what it says
   */
  readonly keep?: (response: ChatResponse) => boolean
}

/** An upstream call that no client owns. */
export interface AnswerCall {
  /** Rejects with a GatewayError when there is no answer: errors of providers are no answers. */
  readonly answer: Promise<ArrivingAnswer>
  /** Nobody wants it any more. Called at most once. */
  cancel(): void
}

/** The vector of a text. Rejects when there is none to be had. */
export type Embed = (text: string) => Promise<Float32Array>
