import type { Readable } from 'node:stream'
import type { RequestHead } from '../../base/http.js'
import type { Openers } from '../upgrade-responder.js'
import type { Wire } from './wire.js'

/** A request as one of Node's servers has it. */
export interface Arrived {
  readonly head: RequestHead
  /** Where the body comes from. */
  readonly stream: Readable
  readonly wire: Wire
  /** HTTP/2 says with its frames whether there is a body; undefined: the headers do. */
  readonly hasBody: boolean | undefined
  /** Tells a client that waits for it to send the body. */
  readonly goOn: (() => void) | undefined
  /** Makes something else of the connection; undefined: the client does not ask for that. */
  readonly openers?: Openers
}
