import type { Exchange } from '../../gateway/exchange.js'
import type { ResponderHooks } from '../responder.js'
import type { StreamBody } from './body.js'
import type { Connection } from './gate.js'

/** What ties the two ends of an exchange on a listener of Node's together. */
export class NodeHooks implements ResponderHooks {
  exchange: Exchange | undefined

  constructor(
    private readonly listener: { readonly closing: boolean; readonly draining: boolean; readonly cutting: boolean },
    private readonly connection: Connection,
    private readonly body: StreamBody | undefined
  ) {}

  get closing(): boolean {
    return this.connection.retired || this.listener.closing
  }

  get leaving(): boolean {
    return this.connection.retired || this.listener.draining
  }

  release(): void {
    this.body?.release()
  }

  gone(): void {
    this.body?.release()
    this.exchange?.abandon(this.listener.cutting)
  }
}
