import { Buffer } from 'node:buffer'
import { Refusal } from '../../base/refusal.js'
import { pointerParts } from '../../config/json.js'
import type { PromptVariable } from '../../config/schema-ai-variables.js'
import { didYouMean } from '../../config/suggest.js'
import { linearPattern } from '../../plugin-host/linear-pattern.js'
import { JsonSchema } from '../../plugin-host/schema-check.js'
import type { JsonObject } from '../members.js'
import { movedSchema } from './moved-schema.js'

/** Variables of a prompt, ready to check what callers send. */
export interface Variables {
  /**
   * What they sent, with the defaults of what they did not.
   * @throws Refusal GW_PROMPT_VARIABLES with everything that is wrong
   */
  check(values: JsonObject): JsonObject
  /** The JSON Schema of all of them. */
  readonly schema: JsonObject
  /** What one of them holds has names of its own. */
  hasNames(name: string): boolean
  readonly names: readonly string[]
  /** Those that a caller has to send. */
  readonly needed: readonly string[]
}

/** One thing that is wrong with what a caller sent. */
interface Wrong {
  readonly variable: string
  /** Where in its value, as JavaScript has it ("[0].age"); left out: the value itself. */
  readonly at?: string
  readonly message: string
}

const MAX_ERRORS = 8

/** @throws SchemaMistake, with the variable's name, when its schema or pattern is none, or its default does not fit */
export function compileVariables(variables: Readonly<Record<string, PromptVariable>>): Variables {
  const names = Object.keys(variables)
  const checks = new Map<string, JsonSchema>()
  const required: string[] = []
  const properties: JsonObject = {}
  for (const [name, variable] of Object.entries(variables)) {
    checkKeys(name, variable)
    const schema = schemaOf(variable)
    properties[name] = movedSchema(schema, `#/properties/${name}`)
    checks.set(name, checkOf(name, schema))
    if (needed(variable)) required.push(name)
    checkDefault(name, variable, checks)
  }
  return {
    names,
    needed: required,
    schema: { type: 'object', properties, required, additionalProperties: false },
    hasNames: name => {
      const type = Object.hasOwn(variables, name) ? variables[name]?.type : undefined
      return type === 'list' || type === 'object'
    },
    check: values => {
      const wrong = strangers(values, names)
      const filled: JsonObject = {}
      for (const [name, variable] of Object.entries(variables)) {
        const value = Object.hasOwn(values, name) ? (values[name] ?? undefined) : undefined
        if (value !== undefined) {
          wrong.push(...errorsOf(name, value, checks))
          filled[name] = value
        } else if (variable.default !== undefined) filled[name] = variable.default
        else if (needed(variable)) wrong.push({ variable: name, message: `is missing; expected ${expected(variable)}` })
      }
      if (wrong.length > 0) throw refusal(wrong.slice(0, MAX_ERRORS))
      return filled
    }
  }
}

/** Something in a prompt's definition that cannot be. */
export class VariableMistake extends Error {}

function needed({ required, default: fallback }: PromptVariable): boolean {
  return required ?? fallback === undefined
}

function strangers(values: JsonObject, names: readonly string[]): Wrong[] {
  return Object.keys(values)
    .filter(name => !names.includes(name))
    .slice(0, MAX_ERRORS)
    .map(name => {
      const hint = didYouMean(name, names)
      const known = names.length === 0 ? 'none' : `one of ${names.join(', ')}`
      return { variable: name, message: `is no variable of this prompt; expected ${known}${hint}` }
    })
}

function errorsOf(name: string, value: unknown, checks: ReadonlyMap<string, JsonSchema>): Wrong[] {
  const errors = checks.get(name)?.errors(value, MAX_ERRORS) ?? []
  return errors.map(({ pointer, message, allowed }) => ({
    variable: name,
    at: pathOf(pointer),
    message: allowed === undefined ? message : `must be ${oneOf(allowed)}`
  }))
}

/** A JSON pointer as a path. */
function pathOf(pointer: string): string {
  return pointerParts(pointer)
    .map(step => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('')
}

/** As many as a person reads. */
const MAX_NAMED = 20

function oneOf(values: readonly unknown[]): string {
  const named = values.slice(0, MAX_NAMED).map(value => JSON.stringify(value))
  return `one of ${named.join(', ')}${values.length > MAX_NAMED ? ' …' : ''}`
}

function refusal(wrong: readonly Wrong[]): Refusal {
  const detail = wrong.map(({ variable, at = '', message }) => `variables.${variable}${at} ${message}`).join('; ')
  const errors = wrong.map(({ variable, at = '', message }) => ({ variable, message: `${at} ${message}`.trimStart() }))
  return new Refusal('GW_PROMPT_VARIABLES', detail, [], { detail, errors })
}

function checkOf(name: string, schema: JsonObject): JsonSchema {
  try {
    return JsonSchema.parse(Buffer.from(JSON.stringify(schema)), linearPattern)
  } catch (thrown) {
    throw new VariableMistake(`variables.${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

function checkDefault(
  name: string,
  { default: fallback }: PromptVariable,
  checks: ReadonlyMap<string, JsonSchema>
): void {
  if (fallback === undefined) return
  const [first] = errorsOf(name, fallback, checks)
  if (first !== undefined) throw new VariableMistake(`variables.${name}.default${first.at ?? ''} ${first.message}`)
}

function schemaOf(variable: PromptVariable): JsonObject {
  const { description, default: fallback } = variable
  return {
    ...typeOf(variable),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback })
  }
}

/** Which keys go with which type, beside description, required and default. */
const KEYS: Readonly<Record<PromptVariable['type'], readonly (keyof PromptVariable)[]>> = {
  string: ['minLength', 'maxLength', 'pattern'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  enum: ['values'],
  list: ['items', 'minItems', 'maxItems'],
  object: ['schema']
}

function checkKeys(name: string, variable: PromptVariable): void {
  const known: readonly string[] = ['type', 'description', 'required', 'default', ...KEYS[variable.type]]
  for (const [key, value] of Object.entries(variable)) {
    if (value === undefined || known.includes(key)) continue
    const message = `is not for the type "${variable.type}"; expected one of ${known.join(', ')}`
    throw new VariableMistake(`variables.${name}.${key} ${message}`)
  }
  if (variable.type === 'enum' && variable.values === undefined) {
    throw new VariableMistake(`variables.${name}: the key "values" is missing; expected the words it may be`)
  }
}

function typeOf({ type, values, items, schema, ...variable }: PromptVariable): JsonObject {
  const { description, default: fallback, required, ...bounds } = variable
  switch (type) {
    case 'enum':
      return { type: 'string', enum: values }
    case 'list':
      return {
        type: 'array',
        items: items === undefined ? { type: 'string' } : movedSchema(items, '#/items'),
        ...bounds
      }
    case 'object':
      return { type: 'object', ...schema }
    default:
      return { type, ...bounds }
  }
}

function expected(variable: PromptVariable): string {
  switch (variable.type) {
    case 'string':
      return 'a string'
    case 'number':
      return 'a number'
    case 'integer':
      return 'a whole number'
    case 'boolean':
      return 'true or false'
    case 'enum':
      return oneOf(variable.values ?? [])
    case 'list':
      return 'a list'
    case 'object':
      return 'an object'
  }
}
