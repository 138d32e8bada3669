import Type, { type Static } from 'typebox'
import { Duration } from './values.js'

const closed = { additionalProperties: false } as const

const NameText = (description: string, examples: string[]) =>
  Type.String({
    pattern: '^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\\.?$',
    title: 'a DNS name',
    examples,
    description
  })

export const Discover = Type.Object(
  {
    dns: Type.Optional(
      NameText('A name whose addresses (A, AAAA) are the targets. It is the Host header and the name of TLS.', [
        'orders.internal'
      ])
    ),
    srv: Type.Optional(
      NameText(
        'A name whose SRV records are the targets, with their ports, weights and priorities. Records whose host has no address are passed over.',
        ['_http._tcp.orders.internal']
      )
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'A YAML or JSON file that has "targets", a list like this one, relative to this file. It is read again when it changes; one with a mistake changes nothing.'
      })
    ),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'dns: their port. Left out: 80, or 443 for https.' })
    ),
    scheme: Type.Enum(['http', 'https'], { default: 'http', description: 'dns, srv: how they are spoken to.' }),
    family: Type.Enum(['any', 'ipv4', 'ipv6'], { default: 'any', description: 'dns, srv: which addresses are taken.' }),
    servers: Type.Array(
      Type.String({
        pattern: '^(\\[[0-9A-Fa-f:.]+\\](:[0-9]{1,5})?|[0-9.]+(:[0-9]{1,5})?|[0-9A-Fa-f:]+)$',
        title: 'an address, maybe with a port',
        examples: ['10.0.0.53', '127.0.0.1:8600']
      }),
      {
        default: [],
        description: 'dns, srv: the DNS servers that are asked. Empty: those of the system.'
      }
    ),
    minRefresh: Duration('dns, srv: asked again no sooner, however short the records’ time to live.', {
      default: '5s',
      min: 100
    }),
    maxRefresh: Duration('dns, srv: asked again no later, however long it is.', { default: '5m', min: 100 })
  },
  {
    ...closed,
    description:
      'Where targets are found besides those in "targets": one of dns, srv and file. Those that appear are taken into service, those that go finish what they have; when a look fails, the last targets stay.'
  }
)
export type Discover = Static<typeof Discover>
