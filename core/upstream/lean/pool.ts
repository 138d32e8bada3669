import { GatewayError, toError } from '../../base/errors.js'
import { Queue } from '../../base/queue.js'
import type { LeanCall } from './call.js'
import { Connection, type Owner } from './connection.js'
import { KeptHeads } from './kept-heads.js'
import type { Opener } from './open-socket.js'

/** How long an idle connection is kept when the server does not say how long it keeps it. */
const KEEP_MS = 30_000
/** The longest, whatever a server says. */
const MAX_KEEP_MS = 600_000
/** So much earlier than the server, or a request meets a connection that is closed while it is on its way. */
const MARGIN_MS = 2_000
/** After this a connection takes no more requests: a name that has got another address is noticed some day. */
const MAX_AGE_MS = 3_600_000

/**
 * The connections to one server, and the calls that wait for one. Requests go out at the end of the turn of the event loop they
 * came in: by then each idle connection has been read, so that none is used that has ended, or got something nobody asked for.
 */
export class Pool implements Owner {
  readonly heads = new KeptHeads()
  private readonly connections = new Set<Connection>()
  /** The one that was used last is taken first; those that are not needed grow old and go. */
  private readonly idle: Connection[] = []
  /** Free since this turn: what came behind their last reply may not have been read yet. */
  private readonly fresh: Connection[] = []
  private readonly waiting = new Queue<LeanCall>()
  private opening = 0
  private inTurn = false
  /** When the turn that runs began: one look at the clock serves all of its requests. */
  private turnAt: number | undefined
  private closing: (() => void) | undefined
  private timer: NodeJS.Timeout | undefined
  private timerDue = Number.POSITIVE_INFINITY

  constructor(
    readonly target: string,
    readonly opener: Opener,
    private readonly limit: number,
    private readonly connectMs: number
  ) {}

  send(call: LeanCall): void {
    if (call.failed) return // it was taken back at once
    if (this.closing !== undefined) {
      call.fail(this.shutDown())
      return
    }
    this.waiting.push(call)
    this.endTurn()
  }

  /** Breaks off everything. Resolves when all connections are closed. */
  close(): Promise<void> {
    return new Promise(resolve => {
      this.closing = resolve
      clearTimeout(this.timer)
      for (let call = this.waiting.shift(); call !== undefined; call = this.waiting.shift()) call.fail(this.shutDown())
      for (const connection of this.connections) connection.broken(this.shutDown())
      if (this.connections.size === 0) resolve()
    })
  }

  expect(connection: Connection, ms: number): void {
    connection.due = (this.turnAt ?? performance.now()) + ms
    if (connection.due < this.timerDue) this.setTimer(connection.due, ms)
  }

  opened(connection: Connection): void {
    this.opening--
    const call = this.waiting.shift()
    if (call === undefined) this.free(connection)
    else connection.begin(call)
  }

  free(connection: Connection): void {
    this.fresh.push(connection)
    this.endTurn()
  }

  lost(connection: Connection, why: Error | undefined): void {
    remove(this.idle, connection)
    remove(this.fresh, connection)
    if (why === undefined) return
    this.opening--
    this.waiting.shift()?.fail(why)
  }

  closed(connection: Connection): void {
    this.connections.delete(connection)
    if (this.closing === undefined) this.endTurn()
    else if (this.connections.size === 0) this.closing()
  }

  private endTurn(): void {
    if (this.inTurn) return
    this.inTurn = true
    setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    this.inTurn = false
    this.turnAt = performance.now()
    try {
      this.handOut()
    } finally {
      this.turnAt = undefined
    }
  }

  private handOut(): void {
    const { idle, fresh, waiting } = this
    while (waiting.length > 0) {
      const connection = idle.pop()
      if (connection === undefined) break
      const call = waiting.shift()
      if (call === undefined) break
      connection.begin(call)
    }
    while (waiting.length > this.opening && this.connections.size < this.limit) this.open()
    for (let connection = fresh.pop(); connection !== undefined; connection = fresh.pop()) this.keep(connection)
    if (waiting.length > 0 && idle.length > 0) this.endTurn()
    if (idle.length === this.connections.size) for (const connection of idle) connection.unreference()
  }

  /** For requests to come, as long as its server and its age allow it. */
  private keep(connection: Connection): void {
    const ms = Math.min((connection.keepMs ?? KEEP_MS + MARGIN_MS) - MARGIN_MS, MAX_KEEP_MS)
    this.expect(connection, ms)
    if (ms > 0 && connection.due - connection.since <= MAX_AGE_MS) this.idle.push(connection)
    else connection.drop()
  }

  private open(): void {
    try {
      const connection = new Connection(this)
      this.connections.add(connection)
      this.opening++
      this.expect(connection, this.connectMs)
    } catch (thrown) {
      this.waiting.shift()?.fail(toError(thrown))
    }
  }

  private setTimer(due: number, ms: number): void {
    clearTimeout(this.timer)
    this.timerDue = due
    this.timer = setTimeout(this.look, Math.min(Math.ceil(ms), MAX_TIMER_MS))
    this.timer.unref()
  }

  /** One timer for all connections: it comes when the first of them may be late, and then looks for the next. */
  private readonly look = (): void => {
    this.timerDue = Number.POSITIVE_INFINITY
    const now = performance.now()
    let first = Number.POSITIVE_INFINITY
    for (const connection of this.connections) {
      if (connection.due <= now) connection.expired()
      else if (connection.due < first) first = connection.due
    }
    if (first < this.timerDue) this.setTimer(first, first - now)
  }

  private shutDown(): GatewayError {
    return new GatewayError('GW_SHUTTING_DOWN', `${this.target}: its connections are closed`)
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1

function remove(list: Connection[], connection: Connection): void {
  const at = list.indexOf(connection)
  if (at !== -1) list.splice(at, 1)
}
