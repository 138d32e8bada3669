import Type, { type Static } from 'typebox'
import { isProtocol } from '../base/upgrade.js'
import { checked, Duration } from './values.js'

const ProtocolText = checked(wrongProtocol, {
  title: 'the name of a protocol, maybe with a version',
  examples: ['spdy/3.1', 'tcp']
})

export const Upgrade = Type.Object(
  {
    protocols: Type.Array(ProtocolText, {
      minItems: 1,
      description:
        'For which protocols, whatever the case of their letters; name and version are one text. WebSockets have `websocket`.'
    }),
    idle: Duration('Without a byte from either side; then the tunnel ends.', { default: '5m' }),
    lifetime: Type.Optional(Duration('How long a tunnel may live; then it ends. Left out: as long as both sides want.'))
  },
  {
    additionalProperties: false,
    description:
      'Let connections leave HTTP for another protocol (Upgrade, 101) and pass its bytes both ways. On listeners with HTTP/2, clients’ certificates, several certificates or the PROXY protocol; on others, and left out: a request like any other, its Upgrade header is dropped.'
  }
)
export type Upgrade = Static<typeof Upgrade>

function wrongProtocol(text: string): string | undefined {
  const name = text.toLowerCase()
  if (name === 'websocket') return 'is not for tunnels; expected "websocket" of the route, which relays them'
  if (name === 'h2c') return 'is not for tunnels; expected "http2" of the listener, which needs no upgrade'
  return isProtocol(text) ? undefined : 'is not the name of a protocol; expected one like spdy/3.1 or tcp'
}
