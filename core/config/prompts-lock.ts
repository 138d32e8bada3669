import { existsSync } from 'node:fs'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { ConfigError } from './problems.js'
import { readText } from './read-text.js'
import { NAME_PATTERN } from './values.js'

/** The lock file of prompts: the content of every published version, as a hash. It is JSON, written by `sluice prompts publish`. */
const LockFile = Type.Object(
  {
    format: Type.Literal(1),
    prompts: Type.Record(
      Type.String({ pattern: NAME_PATTERN }),
      Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }), {
        additionalProperties: false
      }),
      { additionalProperties: false }
    )
  },
  { additionalProperties: false }
)

/** Hashes of published versions, by prompt and version. */
export type PromptsLock = Static<typeof LockFile>['prompts']

const MAX_BYTES = 16 << 20

/** Reads it; where there is none, nothing is published. @throws ConfigError */
export function readPromptsLock(file: string): PromptsLock {
  if (!existsSync(file)) return {}
  const read = readText(file, { bytes: MAX_BYTES, regular: true })
  const refuse = (message: string): ConfigError => new ConfigError([{ file, line: 0, column: 0, path: '', message }])
  if ('failure' in read) throw refuse(`the lock file of prompts cannot be read: ${read.failure}`)
  const value = parsed(read.text)
  if (Value.Check(LockFile, value)) return value.prompts
  throw refuse('this is no lock file of prompts; expected one as "sluice prompts publish" writes it')
}

/** Its text: the same for the same versions, in whatever order they were published. */
export function formatPromptsLock(prompts: PromptsLock): string {
  const sorted = Object.entries(prompts)
    .sort(byName)
    .map(([name, versions]) => [name, Object.fromEntries(Object.entries(versions).sort(byName))])
  return `${JSON.stringify({ format: 1, prompts: Object.fromEntries(sorted) }, undefined, 2)}\n`
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
