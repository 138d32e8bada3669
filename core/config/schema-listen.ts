import Type, { type Static } from 'typebox'
import { Duration, NetworkText } from './values.js'

const closed = { additionalProperties: false } as const

/** A PEM file, or its text. */
export function PemText(description: string) {
  return Type.String({
    minLength: 1,
    title: 'a PEM file, or its text',
    examples: ['certs/api.pem'],
    description: `${description} A file in PEM form, relative to this file; or its text, put in by an interpolation.`
  })
}

const Certificate = Type.Object(
  {
    cert: PemText('The certificate, then those of the authorities between it and the root.'),
    key: PemText('Its private key, without a passphrase.'),
    hosts: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Names clients ask for (SNI) that get it. Left out: the DNS names in the certificate.'
      })
    )
  },
  { ...closed, description: 'A certificate and its key.' }
)

export const FINGERPRINT_PATTERN = '^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$'

const Consumer = Type.Union(
  [
    Type.Enum(['cn', 'dns', 'uri', 'email', 'none'], {
      description: 'The common name of the subject, the first name of that kind in subjectAltName, or none.'
    }),
    Type.Record(Type.String({ pattern: FINGERPRINT_PATTERN }), Type.String({ minLength: 1 }), {
      ...closed,
      description: 'Consumers by the SHA-256 fingerprint of their certificate. Other certificates are refused.'
    })
  ],
  { default: 'cn', description: 'What of the client’s certificate is the consumer that policies and logs are told.' }
)

const ClientAuth = Type.Object(
  {
    ca: PemText('The authorities whose certificates are accepted.'),
    mode: Type.Enum(['required', 'optional'], {
      default: 'required',
      description: '"optional" lets clients without a certificate in; a bad one is refused either way.'
    }),
    crl: Type.Optional(PemText('Revocation lists of every authority in "ca". Certificates on them are refused.')),
    consumer: Consumer,
    headers: Type.Boolean({
      default: false,
      description: 'Tell the upstream of the certificate in x-client-cert-* headers; those of clients are dropped.'
    })
  },
  { ...closed, description: 'Certificates of clients (mTLS).' }
)

const Tls = Type.Object(
  {
    certificates: Type.Array(Certificate, {
      minItems: 1,
      description: 'The certificates; the first is for clients that ask for no name, or an unknown one.'
    }),
    minVersion: Type.Enum([1.2, 1.3], { default: 1.2, description: 'The oldest version of TLS that is spoken.' }),
    clientAuth: Type.Optional(ClientAuth)
  },
  { ...closed, description: 'TLS. Left out: plain HTTP.' }
)

const ProxyProtocol = Type.Object(
  {
    trusted: Type.Array(NetworkText, {
      minItems: 1,
      uniqueItems: true,
      description: 'The load balancers: every connection must come from one of these and begin with a PROXY header.'
    }),
    timeout: Duration('Until the PROXY header is there.', { default: '5s' })
  },
  { ...closed, description: 'PROXY protocol, version 1 or 2.' }
)

const ListenEntry = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      description: 'The address to listen on; 0.0.0.0 is every one.'
    }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080, description: 'The port; 0 takes a free one.' }),
    tls: Type.Optional(Tls),
    http2: Type.Boolean({
      default: false,
      description: 'HTTP/2 beside HTTP/1.1: by ALPN with TLS, by prior knowledge without. gRPC needs it.'
    }),
    proxyProtocol: Type.Optional(
      Type.Union([Type.Literal(true), ProxyProtocol], {
        description: 'Read who a connection is for from a PROXY header before it. true: from those in trustedProxies.'
      })
    )
  },
  { ...closed, description: 'A place to listen at.' }
)
export type ListenEntry = Static<typeof ListenEntry>

export const Listen = Type.Union(
  [ListenEntry, Type.Array(ListenEntry, { minItems: 1, description: 'Several places to listen at.' })],
  { default: {}, description: 'Where Sluice listens: one place, or a list of them.' }
)
export type Listen = Static<typeof Listen>
