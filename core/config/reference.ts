import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRecord } from './json.js'
import { configJsonSchema, pluginJsonSchema } from './json-schema.js'
import { readText } from './read-text.js'
import { ConfigFile } from './schema.js'

const INTRO = `# Reference of sluice.yaml

Made from the schema by \`npm run gen\`; do not edit. The schema for editors is beside it: put
\`# yaml-language-server: $schema=…/sluice.schema.json\` into the first line of a configuration.

- The file is YAML 1.2 with merge keys (\`<<\`). Keys that are not listed here are refused.
- A duration is a whole number with a unit: \`250ms\`, \`30s\`, \`5m\`, \`1h\`. A size likewise: \`512B\`, \`16KiB\`, \`32MiB\`, \`2GiB\`.
- In any value, \`\${env:NAME}\` is an environment variable, \`\${env:NAME:-default}\` one with a default (also for one that is
  empty), \`\${file:path}\` the text of a file, relative to the configuration, without the line end at its end. What was put
  in is not looked at again. A literal \`\${\` is written \`$\${\`. Inside \`{ }\` and \`[ ]\` such a value needs quotes.
- Text that was put in becomes a number or a boolean where one is wanted.
`

/** The reference page of the configuration, in Markdown. */
export function configReference(): string {
  return `${[INTRO.trimEnd(), ...sections('sluice.yaml', ConfigFile), ...definitions(ConfigFile)].join('\n\n')}\n`
}

/** The files made from the schemas, by their place in the repository. */
export function referenceFiles(): Record<string, string> {
  return {
    'core/config/gen/REFERENCE.md': configReference(),
    'core/config/gen/plugin.schema.json': `${JSON.stringify(pluginJsonSchema(), undefined, 2)}\n`,
    'core/config/gen/sluice.schema.json': `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`
  }
}

/**
 * Brings the files made from the schemas up to date, or only looks (`check`). Returns the names of those that were not.
 * @param more - files of floors above
 */
export function writeReference(
  root: string,
  { check, more = {} }: { readonly check: boolean; readonly more?: Readonly<Record<string, string>> }
): string[] {
  const stale: string[] = []
  for (const [name, text] of Object.entries({ ...referenceFiles(), ...more })) {
    const path = join(root, name)
    const there = readText(path, { bytes: 1 << 24, regular: true })
    if ('text' in there && there.text === text) continue
    stale.push(name)
    if (check) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return stale
}

/** What refers to itself is told once, by its name, after everything else. */
function definitions(schema: unknown): string[] {
  const named = isRecord(schema) && isRecord(schema.$defs) ? Object.entries(schema.$defs) : []
  return named.flatMap(([name, part]) => sections(name, part))
}

/** A heading and a table for a mapping, then the same for the mappings in it. */
function sections(title: string, schema: unknown): string[] {
  if (!isRecord(schema) || !isRecord(schema.properties)) return []
  const required = Array.isArray(schema.required) ? schema.required : []
  const prefix = title === 'sluice.yaml' ? '' : title
  const rows = Object.entries(schema.properties).map(([key, part]) => row(key, part, required.includes(key)))
  const table = ['| key | type | default | what it is |', '|---|---|---|---|', ...rows].join('\n')
  const inner = Object.entries(schema.properties).flatMap(([key, part]) =>
    innerSections(prefix === '' ? key : `${prefix}.${key}`, part)
  )
  const about = typeof schema.description === 'string' ? [schema.description] : []
  return [`## \`${title}\``, ...about, table, ...inner]
}

function innerSections(title: string, schema: unknown): string[] {
  if (!isRecord(schema)) return []
  if (isRecord(schema.patternProperties)) {
    return Object.values(schema.patternProperties).flatMap(part => innerSections(`${title}.<name>`, part))
  }
  if (isRecord(schema.items)) return innerSections(`${title}[]`, schema.items)
  if (Array.isArray(schema.anyOf)) {
    // One thing, or a list of them: told once.
    const branches: readonly unknown[] = schema.anyOf
    const told = branches.filter(part => !(isRecord(part) && branches.includes(part.items)))
    return told.flatMap(part => innerSections(title, part))
  }
  return sections(title, schema)
}

function row(key: string, schema: unknown, required: boolean): string {
  if (!isRecord(schema)) return `| \`${key}\` | | | |`
  const preset = schema.default
  const shown = isRecord(preset) ? '' : preset === undefined ? (required ? 'required' : '') : code(preset)
  const { items } = schema
  const about = schema.description ?? (isRecord(items) ? items.description : undefined)
  return `| \`${key}\` | ${cell(typeOf(schema))} | ${shown} | ${cell(String(about ?? ''))} |`
}

function typeOf(schema: unknown): string {
  if (!isRecord(schema)) return 'any'
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(', ')
  if ('const' in schema) return code(schema.const)
  if (typeof schema.$ref === 'string') return code(schema.$ref.replace('#/$defs/', ''))
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  if (schema.type === 'object')
    return isRecord(schema.patternProperties) && schema.additionalProperties === false ? 'mapping by name' : 'mapping'
  if (typeof schema.title === 'string') return schema.title.replace(/^an? /, '')
  if (schema.type === 'string') return 'text'
  return numberType(schema)
}

function numberType({ type, minimum, maximum }: Record<string, unknown>): string {
  const name = type === 'integer' ? 'whole number' : String(type ?? 'any')
  if (minimum === undefined && maximum === undefined) return name
  return maximum === undefined ? `${name} ≥ ${minimum}` : `${name}, ${minimum ?? ''}…${maximum}`
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
}
