import Type, { type Static } from 'typebox'
import { Duration, Size } from './values.js'

export const WebSocket = Type.Object(
  {
    messageBytes: Size('Size of one message, in either direction; a larger one ends the socket with 1009.', {
      default: '1MiB',
      min: '1B',
      max: '64MiB'
    }),
    idle: Duration('Without a message, ping or pong from either side; then the socket ends with 1001.', {
      default: '5m'
    }),
    lifetime: Type.Optional(
      Duration('How long a socket may live; then it ends with 1001. Left out: as long as both sides want.')
    )
  },
  {
    additionalProperties: false,
    description:
      'Relay WebSockets on this route. Left out: a handshake is a request like any other, its Upgrade header is dropped.'
  }
)
export type WebSocket = Static<typeof WebSocket>
