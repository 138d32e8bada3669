import { Manifest } from '../base/manifest.js'
import { isRecord } from './json.js'
import { ConfigFile, DIALECT } from './schema.js'

const INTERPOLATED = 'interpolated'

/** JSON Schema (2020-12) of sluice.yaml, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const { title: _, $defs, ...schema } = forEditors(plain(ConfigFile), true)
  return {
    $id: 'sluice.schema.json',
    title: 'Sluice configuration',
    ...schema,
    $defs: {
      ...(isRecord($defs) && $defs),
      [INTERPOLATED]: {
        type: 'string',
        pattern: '\\$\\{(env|file):',
        description: `Text with \${env:NAME}, \${env:NAME:-default} or \${file:path}, put together when the file is read.`
      }
    }
  }
}

/** JSON Schema (2020-12) of plugin.json, for editors. */
export function pluginJsonSchema(): Record<string, unknown> {
  return {
    $schema: DIALECT,
    $id: 'plugin.schema.json',
    title: 'Sluice plugin manifest',
    ...forEditors(plain(Manifest), false)
  }
}

/** The schema as JSON has it: without what TypeBox keeps beside the keywords. */
function plain(schema: unknown): Record<string, unknown> {
  const copy: unknown = JSON.parse(JSON.stringify(schema))
  return isRecord(copy) ? copy : {}
}

/**
 * Keys with a default need not be there, and, where values may be interpolated, "${env:X}" may stand wherever a number,
 * a boolean or text of a certain form is wanted.
 */
function forEditors(schema: Record<string, unknown>, interpolated: boolean): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [keyword, part] of Object.entries(schema)) {
    if (keyword === 'required') continue
    if (keyword === 'properties' || keyword === 'patternProperties' || keyword === '$defs') {
      out[keyword] = isRecord(part) ? mapValues(part, sub => forEditors(sub, interpolated)) : part
    } else if (keyword === 'anyOf' && Array.isArray(part)) {
      // What a value may be is said once, by the union around it.
      out.anyOf = part.map(branch =>
        isRecord(branch) ? forEditors(branch, interpolated && !isScalar(branch)) : branch
      )
    } else out[keyword] = isRecord(part) && keyword === 'items' ? forEditors(part, interpolated) : part
  }
  const required = requiredOf(schema)
  if (required.length > 0) out.required = required
  return interpolated && isScalar(schema) ? orInterpolated(out) : out
}

function requiredOf({ required, properties }: Record<string, unknown>): unknown[] {
  if (!Array.isArray(required) || !isRecord(properties)) return []
  return required.filter(key => {
    const property = properties[String(key)]
    return !(isRecord(property) && 'default' in property)
  })
}

/** Whether a schema takes some scalars only, and so would refuse a text that stands for one. */
function isScalar({ type, pattern, enum: choices, const: one, anyOf }: Record<string, unknown>): boolean {
  if (Array.isArray(anyOf)) return anyOf.some(branch => isRecord(branch) && isScalar(branch))
  if (choices !== undefined || one !== undefined || pattern !== undefined) return true
  return type === 'integer' || type === 'number' || type === 'boolean'
}

function orInterpolated(schema: Record<string, unknown>): Record<string, unknown> {
  const { title, description, default: preset, examples, anyOf, ...rules } = schema
  const notes = { title, description, default: preset, examples }
  const branches = Array.isArray(anyOf) ? anyOf : [rules]
  return { ...defined(notes), anyOf: [...branches, { $ref: `#/$defs/${INTERPOLATED}` }] }
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function mapValues(
  values: Record<string, unknown>,
  change: (value: Record<string, unknown>) => Record<string, unknown>
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, isRecord(value) ? change(value) : value])
  )
}
