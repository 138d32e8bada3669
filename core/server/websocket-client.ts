import type { HttpResponse, WebSocket } from 'uWebSockets.js'
import { Buffer } from 'node:buffer'
import { CLOSE, type MessageSocket, type SocketListener } from '../base/websocket.js'
import { wireText } from './wire-text.js'

/** What uWebSockets.js keeps with a WebSocket. */
export interface ClientData {
  readonly client: ClientSocket
}

/** After a resume uWebSockets.js closes a connection that is silent for ten seconds, unless it is resumed again. */
const REARM_MS = 4_000

/** Those of this thread that are open. */
const open = new Set<ClientSocket>()

/** Runs it within the cork of some other WebSocket, which means nothing to what it writes: without any, uWebSockets.js complains on standard error. */
export function withinAnother(run: () => void): void {
  const [other] = open
  if (other === undefined) run()
  else other.cork(run)
}

/** What uWebSockets.js says when it closes for what a client did wrong; it sends no close frame then. */
const FAULTS: Readonly<Record<string, number>> = {
  'Received too big message': CLOSE.tooLarge,
  'Received invalid UTF-8': CLOSE.badText
}

/**
 * The client's end of a relayed WebSocket.
 *
 * uWebSockets.js cannot stop reading a WebSocket, but it can stop reading a response, and in its memory both are the
 * same socket. So the two methods are taken from the response before it becomes a WebSocket. A write that does not go
 * through at once starts the reading again; then it is stopped anew.
 */
export class ClientSocket implements MessageSocket {
  /** Undefined before it is open and once it is closed: touched then, it throws. */
  private socket: WebSocket<ClientData> | undefined
  private listener: SocketListener | undefined
  private readonly pauseReading: () => void
  private readonly resumeReading: () => void
  private held = false
  private stoppingAnew = false
  private lookingLater = false
  private rearm: NodeJS.Timeout | undefined
  private over: Parameters<SocketListener['closed']> | undefined
  /** A close frame that waits for what was sent before it. */
  private closing: { readonly code: number; readonly reason: string } | undefined

  constructor({ pause, resume }: HttpResponse) {
    this.pauseReading = pause
    this.resumeReading = resume
  }

  get buffered(): number {
    return this.socket?.getBufferedAmount() ?? 0
  }

  start(listener: SocketListener): void {
    this.listener = listener
    if (this.over !== undefined) listener.closed(...this.over) // before anybody listened
  }

  send(data: Buffer, binary: boolean): void {
    this.sent(this.socket?.send(data, binary, false))
  }

  ping(data: Buffer): void {
    this.sent(this.socket?.ping(data))
  }

  /** uWebSockets.js answers pings itself, and has no way to send a pong. */
  pong(): void {}

  pause(): void {
    this.held = true
    clearInterval(this.rearm)
    if (this.socket !== undefined) Reflect.apply(this.pauseReading, this.socket, [])
  }

  resume(): void {
    this.held = false
    if (this.socket === undefined) return
    Reflect.apply(this.resumeReading, this.socket, [])
    clearInterval(this.rearm)
    this.rearm = setInterval(this.resumeAgain, REARM_MS)
  }

  close(code: number, reason: string): void {
    const { socket } = this
    if (socket === undefined) return
    // It stops looking after a socket that it has ended: one whose client takes nothing would stay for ever.
    if (socket.getBufferedAmount() > 0) {
      this.closing = { code, reason }
      return
    }
    if (this.held) this.resume() // or the client's answer is never read
    socket.end(code === CLOSE.noCode ? 0 : code, wireText(reason)) // runs onClose
  }

  terminate(): void {
    this.socket?.close() // runs onClose
  }

  /** It has to be open. */
  cork(run: () => void): void {
    this.socket?.cork(run)
  }

  onOpen(socket: WebSocket<ClientData>): void {
    this.socket = socket
    open.add(this)
  }

  onMessage(data: ArrayBuffer, binary: boolean): void {
    this.arrived()
    this.listener?.message(copied(data), binary)
  }

  onPing(data: ArrayBuffer): void {
    this.arrived()
    this.listener?.ping(copied(data))
  }

  onPong(data: ArrayBuffer): void {
    this.arrived()
    this.listener?.pong(copied(data))
  }

  onDrain(): void {
    if (this.held) this.stopAnew()
    this.listener?.drained()
    if (this.closing !== undefined && this.buffered === 0) this.close(this.closing.code, this.closing.reason)
  }

  onClose(code: number, message: ArrayBuffer): void {
    this.socket = undefined
    open.delete(this)
    clearInterval(this.rearm)
    const text = Buffer.from(message).toString()
    const fault = code === CLOSE.broken ? FAULTS[text] : undefined
    if (fault !== undefined) this.over = [fault, '', true]
    else this.over = [code, code === CLOSE.broken ? '' : text, false]
    this.listener?.closed(...this.over)
  }

  private arrived(): void {
    if (this.held) this.stopAnew()
    else clearInterval(this.rearm)
    if (this.buffered > 0) this.lookLater()
  }

  /**
   * After a handler uWebSockets.js writes what waits, and when that goes through there is no drain event for it: the other
   * side would be held for ever.
   */
  private lookLater(): void {
    if (this.lookingLater) return
    this.lookingLater = true
    setImmediate(() => {
      this.lookingLater = false
      if (this.socket !== undefined) this.onDrain()
    })
  }

  /** @param status - 0: it did not go through at once */
  private sent(status: number | undefined): void {
    if (status === 0 && this.held) this.stopAnew()
  }

  /** Not at once: uWebSockets.js may write, and start the reading, when the handler that runs has returned. */
  private stopAnew(): void {
    if (this.stoppingAnew) return
    this.stoppingAnew = true
    setImmediate(() => {
      this.stoppingAnew = false
      if (this.held) this.pause()
    })
  }

  private readonly resumeAgain = (): void => {
    if (this.socket !== undefined && !this.held) Reflect.apply(this.resumeReading, this.socket, [])
  }
}

/** uWebSockets.js takes its memory back when the handler returns. */
function copied(data: ArrayBuffer): Buffer {
  return Buffer.from(Buffer.from(data))
}
