import { bytes, milliseconds } from '../base/units.js'
import type { SocketLimits } from '../base/websocket.js'
import type { WebSocket } from './schema-websocket.js'

export function resolveWebSocket({ messageBytes, idle, lifetime }: WebSocket): SocketLimits {
  return {
    messageBytes: bytes(messageBytes),
    idleMs: milliseconds(idle),
    lifetimeMs: lifetime === undefined ? undefined : milliseconds(lifetime)
  }
}
