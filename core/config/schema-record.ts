import Type, { type Static } from 'typebox'
import { NetworkText, Size } from './values.js'

const closed = { additionalProperties: false } as const

const RecordHeader = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9!#$%&*+.^_|~-]+$',
      title: 'a header name in small letters',
      examples: ['x-sluice-record'],
      description: 'The header. It is taken off every request: no policy and no upstream sees it.'
    }),
    from: Type.Array(NetworkText, {
      default: [],
      uniqueItems: true,
      description: 'Addresses and networks of clients whose requests it flags, whatever its value.'
    }),
    token: Type.Optional(
      Type.String({ minLength: 16, description: 'A value with which it flags a request of anybody.' })
    )
  },
  { ...closed, description: 'A request header that has an exchange recorded; of a stranger it is ignored.' }
)

export const Record = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      description:
        'Where the files are written, relative to this file. They hold bodies, headers and settings with their secrets: only the user Sluice runs as can read them.'
    }),
    sample: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Share of all exchanges.' }),
    header: Type.Optional(RecordHeader),
    faults: Type.Boolean({
      default: true,
      description:
        'Whether an exchange in which a plugin fails is recorded: all of it when it is flagged or sampled, else from the phase on in which it fails.'
    }),
    maxFiles: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1_000,
      description: 'Recordings that are kept; the oldest are deleted.'
    }),
    maxBytes: Size('What they may take together; the oldest are deleted.', { default: '256MiB', min: '1MiB' })
  },
  {
    ...closed,
    description:
      'What plugins were given and answered, written to files for "sluice plugin replay". Left out: nothing is recorded.'
  }
)
export type Record = Static<typeof Record>
