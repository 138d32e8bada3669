import Type, { type Static } from 'typebox'
import { Duration, TargetText } from './values.js'

const Timeouts = Type.Object(
  {
    connect: Type.Optional(Duration('Until a connection is open. Left out: timeouts.connect.')),
    headers: Type.Optional(Duration('Until the head of the reply. Left out: timeouts.headers.')),
    idle: Type.Optional(Duration('Between two pieces of the reply body. Left out: timeouts.idle.'))
  },
  { additionalProperties: false, description: 'How long to wait for this upstream.' }
)

export const Upstream = Type.Object(
  {
    targets: Type.Array(TargetText, {
      minItems: 1,
      description: 'Its addresses: scheme, host and port. Paths are the routes’ affair.'
    }),
    preserveHost: Type.Boolean({
      default: false,
      description: 'Send the Host header of the client instead of the target’s own.'
    }),
    connections: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 128,
      description: 'Open connections to each target; more requests wait for one.'
    }),
    timeouts: Type.Optional(Timeouts)
  },
  { additionalProperties: false, description: 'Where a route sends its requests.' }
)
export type Upstream = Static<typeof Upstream>
