import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'

const closed = { additionalProperties: false } as const

/** A part of an input: a message in JSON, or bytes in hexadecimal. */
const Part = Type.Union([Type.Object({}, { additionalProperties: true }), Type.String({ pattern: '^([0-9a-f]{2})*$' })])

const Expect = Type.Object(
  {
    trap: Type.Optional(Type.Literal(true)),
    answer: Type.Optional(Type.Object({}, { additionalProperties: true })),
    seen: Type.Optional(Type.Union([Type.Literal(true), Type.Object({}, { additionalProperties: true })])),
    results: Type.Optional(Type.Array(Type.Unknown())),
    calls: Type.Optional(Type.Array(Type.Array(Type.Unknown(), { minItems: 1 }))),
    log: Type.Optional(Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 2 })))
  },
  closed
)

const Step = Type.Object(
  { hook: Type.String(), input: Type.Union([Part, Type.Array(Part)]), expect: Expect },
  { ...closed, description: 'One call of a hook.' }
)
export type Step = Static<typeof Step>

const Case = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    settings: Type.Optional(Type.Object({}, { additionalProperties: true })),
    steps: Type.Array(Step, { minItems: 1 })
  },
  { ...closed, description: 'Calls of one new instance, which is configured with the settings before.' }
)
export type Case = Static<typeof Case>

const validator = Compile(Type.Array(Case))

/**
 * The cases of every JSON file of a folder, by the name of the file.
 * @throws Error naming the file and the place of what is wrong in it
 */
export function readCases(folder: string): Map<string, readonly Case[]> {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  return new Map(names.sort().map(name => [name.slice(0, -5), read(join(folder, name))]))
}

function read(file: string): readonly Case[] {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (validator.Check(value)) return value
  const problems = validator.Errors(value).map(error => `${error.instancePath || '/'} ${error.message}`)
  throw new Error(`${file}: ${problems.slice(0, 5).join('; ')}`)
}
