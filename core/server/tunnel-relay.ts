import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { GatewayError } from '../base/errors.js'
import type { TunnelCounts, TunnelEnd, TunnelUpgrade } from '../base/upgrade.js'
import type { Sent } from '../gateway/exchange.js'
import type { Relaying } from './open-sockets.js'

/** How long a side may take to take the next piece of what is left for it, once the other is gone. */
const GRACE_MS = 10_000

type Side = 'client' | 'upstream'

/**
 * Two connections that are one: bytes go from each to the other as they come, no faster than they are taken, and so does
 * the end of what a side has to say (a FIN), behind which the other may go on.
 */
export class TunnelRelay implements Relaying {
  private readonly idle: NodeJS.Timeout
  private readonly lifetime: NodeJS.Timeout | undefined
  private grace: NodeJS.Timeout | undefined
  private readonly closed = new Set<Side>()
  /** Who ended it, once somebody has. */
  private end: Pick<TunnelEnd, 'by' | 'reason'> | undefined
  private cutShort: Sent['cutShort']

  /** @param over - hears once how it was */
  constructor(
    private readonly client: Socket,
    private readonly upgraded: TunnelUpgrade,
    private readonly over: (sent: Sent) => void
  ) {
    const { limits, total } = upgraded
    if (total !== undefined) total.open++
    this.idle = setTimeout(() => this.stop('idle'), limits.idleMs)
    if (limits.lifetimeMs !== undefined) this.lifetime = setTimeout(() => this.stop('lifetime'), limits.lifetimeMs)
  }

  start(): void {
    const { client, upgraded } = this
    this.pass('client', client, upgraded.socket, 'bytesIn')
    this.pass('upstream', upgraded.socket, client, 'bytesOut')
  }

  /** There is no word for it that either side would understand: the tunnel goes on as long as the gateway does. */
  goAway(): void {}

  /** The gateway is about to end. */
  terminate(): void {
    if (this.grace === undefined) this.stop('GW_SHUTTING_DOWN')
    this.destroy()
  }

  private pass(side: Side, from: Socket, to: Socket, counted: keyof TunnelCounts): void {
    const { counts, total } = this.upgraded
    from.on('data', (chunk: Buffer) => {
      if (!to.writable) return // nobody hears it any more
      this.idle.refresh()
      counts[counted] += chunk.length
      if (total !== undefined) total[counted] += chunk.length
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      this.idle.refresh()
      this.grace?.refresh()
      from.resume()
    })
    from.on('end', () => {
      this.end ??= { by: side, reason: '' }
      to.end()
    })
    from.on('error', ignored)
    const closed = (): void => this.sideClosed(side, from, to)
    from.on('close', closed)
    if (from.destroyed)
      setImmediate(closed) // its "close" may have been before
    else from.resume()
  }

  private sideClosed(side: Side, from: Socket, to: Socket): void {
    if (this.closed.has(side)) return
    this.closed.add(side)
    if (this.grace === undefined && !from.readableEnded) this.broken(side)
    this.ending()
    to.destroySoon() // behind what it has yet to take
    if (this.closed.size === 2) this.conclude()
  }

  /** A connection ended in the middle of what it had to say. */
  private broken(side: Side): void {
    this.end ??= { by: side, reason: '' }
    if (side === 'client') this.cutShort = 'client-gone'
    else this.cutShort = new GatewayError('GW_UPSTREAM_RESET', 'the upstream broke the tunnel off')
  }

  /** The gateway ends it. */
  private stop(reason: string): void {
    if (this.grace !== undefined) return
    this.end = { by: 'gateway', reason }
    this.ending()
    this.client.destroySoon()
    this.upgraded.socket.destroySoon()
  }

  private ending(): void {
    clearTimeout(this.idle)
    clearTimeout(this.lifetime)
    this.grace ??= setTimeout(() => this.destroy(), GRACE_MS)
  }

  private destroy(): void {
    this.client.destroy()
    this.upgraded.socket.destroy()
  }

  private conclude(): void {
    clearTimeout(this.grace)
    const { counts, total, protocol } = this.upgraded
    if (total !== undefined) total.open--
    const { by, reason } = this.end ?? { by: 'gateway', reason: '' }
    this.over({ bytes: counts.bytesOut, cutShort: this.cutShort, tunnel: { protocol, by, reason, ...counts } })
  }
}

/** "close" follows. */
function ignored(): void {}
