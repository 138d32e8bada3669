import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { GatewayError } from '../../base/errors.js'
import { Manifest, Permissions } from '../../base/manifest.js'
import { explain } from '../../config/explain.js'
import { isRecord } from '../../config/json.js'
import { formatProblems, type Path, type Problem } from '../../config/problems.js'
import { CAPS } from '../module/caps.js'
import { compareVersions } from './versions.js'

/**
 * A catalog (`catalog.json`): which plugins there are, what each is and asks for, and the files it consists of, pinned
 * by size and SHA-256. Keys that are not known are left for later versions.
 */

export const CATALOG_FILE = 'catalog.json'
/** The ABI of the plugins this Sluice can run. */
export const ABI = 1

/** The most of a file that is read, bytes. */
export const FILE_CAPS = { catalog: 8 << 20, manifest: 1 << 20, module: CAPS.fileBytes } as const

/** One spelling only: two texts are the same digest when they are equal. */
export const Sha256 = Type.String({
  title: 'a SHA-256: 64 hexadecimal digits in lower case',
  pattern: '^[0-9a-f]{64}$'
})

/** Below the folder it starts from, whatever reads it: no "..", no root, no scheme, no percent sign, no backslash. */
export const SAFE_PATH = '^[A-Za-z0-9_][A-Za-z0-9._@+-]*(/[A-Za-z0-9_][A-Za-z0-9._@+-]*)*$'

const SafePath = Type.String({
  title: 'a path below the folder of the catalog: letters, digits, "_", ".", "@", "+" and "-" between slashes',
  examples: ['my-policy/build/my-policy.wasm'],
  maxLength: 512,
  pattern: SAFE_PATH
})

function File(maximum: number, description: string) {
  return Type.Object(
    { path: SafePath, size: Type.Integer({ minimum: 1, maximum }), sha256: Sha256 },
    { title: 'a file: path, size and sha256', description }
  )
}
export type CatalogFile = Static<ReturnType<typeof File>>

const { name, description, kind, hooks, settings } = Manifest.properties

/** As a manifest has it, and short enough to be part of a folder's name. */
export const Version = Type.String({
  title: 'a version',
  examples: ['1.2.0'],
  maxLength: 64,
  pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$'
})

/** What is known of every plugin, also of those made for another Sluice. */
const Envelope = Type.Object({
  id: name,
  version: Version,
  abi: Type.Integer({ minimum: 1 })
})

export const CatalogEntry = Type.Object({
  ...Envelope.properties,
  kind,
  description,
  hooks,
  permissions: Type.Optional(Permissions),
  settings,
  manifest: File(FILE_CAPS.manifest, 'plugin.json.'),
  module: File(FILE_CAPS.module, 'The WASM file.')
})
export type CatalogEntry = Static<typeof CatalogEntry>

/** A plugin of the catalog that this Sluice cannot run. */
export interface ForeignEntry {
  readonly id: string
  readonly version: string
  readonly abi: number
}

export interface Catalog {
  /** By id, then the oldest version first. */
  readonly entries: readonly CatalogEntry[]
  readonly foreign: readonly ForeignEntry[]
}

const Outline = Type.Object({ format: Type.Literal(1), plugins: Type.Array(Type.Unknown()) }, { title: 'a catalog' })

/** Reads the text of a catalog. @throws GatewayError GW_CATALOG_INVALID with what is wrong in it, naming `where` */
export function parseCatalogText(text: string, where: string): Catalog {
  const value = parseJson(text, where)
  if (!Value.Check(Outline, value)) throw unusable(check(Outline, value, where))
  const problems: Problem[] = []
  const entries: CatalogEntry[] = []
  const foreign: ForeignEntry[] = []
  for (const [index, item] of value.plugins.entries()) {
    const path = ['plugins', index]
    if (isRecord(item) && item.abi !== ABI && Value.Check(Envelope, item)) foreign.push(item)
    else if (Value.Check(CatalogEntry, item)) entries.push(item)
    else problems.push(...check(CatalogEntry, item, where, path))
  }
  problems.push(...repeated([...entries, ...foreign], where))
  if (problems.length > 0) throw unusable(problems)
  return { entries: entries.sort(inOrder), foreign }
}

/** The text of a catalog: the same for the same plugins, in whatever order they come. */
export function formatCatalog(entries: readonly CatalogEntry[]): string {
  return `${JSON.stringify({ format: 1, plugins: [...entries].sort(inOrder) }, undefined, 2)}\n`
}

/** What a schema says against a value of a file that has no lines to speak of. */
export function check(schema: TSchema, value: unknown, file: string, path: Path = []): Problem[] {
  return explain(schema, value, { file, root: { at: { line: 0, column: 0 } }, path, secret: false })
}

/** Text of a plugin, by its author, as one line that does nothing to a terminal. */
export function plain(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    char => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  )
}

const MOST_PROBLEMS = 10

function unusable(problems: readonly Problem[]): GatewayError {
  const more = problems.length > MOST_PROBLEMS ? `\n… and ${problems.length - MOST_PROBLEMS} more` : ''
  return new GatewayError('GW_CATALOG_INVALID', formatProblems(problems.slice(0, MOST_PROBLEMS)) + more)
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new GatewayError('GW_CATALOG_INVALID', `${where}: not JSON; expected a catalog`, { cause: thrown })
  }
}

function repeated(entries: readonly ForeignEntry[], file: string): Problem[] {
  const seen = new Set<string>()
  return entries.flatMap(({ id, version }) => {
    const name = `${id}@${version}`
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [
      { file, line: 0, column: 0, path: 'plugins', message: `${name} is there twice; expected each version once` }
    ]
  })
}

function inOrder(a: ForeignEntry, b: ForeignEntry): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return compareVersions(a.version, b.version)
}
