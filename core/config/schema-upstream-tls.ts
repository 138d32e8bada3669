import Type, { type Static } from 'typebox'
import { PemText } from './schema-listen.js'

export const UpstreamTls = Type.Object(
  {
    ca: Type.Optional(PemText('The authorities to trust. Left out: those of the system.')),
    cert: Type.Optional(PemText('The certificate to show when it is asked for one.')),
    key: Type.Optional(PemText('Its private key.')),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The name to ask for (SNI) and to find in its certificate. Left out: the target’s host.'
      })
    ),
    verify: Type.Boolean({
      default: true,
      description: 'Whether its certificate must be valid. false is for tests; pins are checked all the same.'
    }),
    pins: Type.Array(
      Type.String({
        pattern: '^sha256/[A-Za-z0-9+/]{43}=$',
        title: 'a pin: sha256/ and 44 characters of Base64',
        description: 'SHA-256 of its public key (SPKI), in Base64.'
      }),
      { default: [], uniqueItems: true, description: 'Public keys its certificate may have. Empty: any.' }
    ),
    minVersion: Type.Enum([1.2, 1.3], { default: 1.2, description: 'The oldest version of TLS that is spoken.' })
  },
  { additionalProperties: false, description: 'How https targets are spoken to.' }
)
export type UpstreamTls = Static<typeof UpstreamTls>
