import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { PromptVersion } from '../../config/schema-ai-prompts.js'
import { didYouMean } from '../../config/suggest.js'
import { linearPattern } from '../../plugin-host/linear-pattern.js'
import { JsonSchema } from '../../plugin-host/schema-check.js'
import { stableJson } from '../stable-json.js'
import { parseTemplate, type Template, TemplateMistake } from './template.js'
import { compileVariables, VariableMistake, type Variables } from './variables.js'

/** A version of a prompt, ready to be filled in. */
export interface CompiledVersion {
  readonly name: string
  readonly definition: PromptVersion
  /** `sha256:` and the hash of its content. */
  readonly hash: string
  readonly published: boolean
  readonly variables: Variables
  readonly messages: readonly CompiledMessage[]
  /** Checks answers; undefined: they are text. */
  readonly answer: JsonSchema | undefined
}

export interface CompiledMessage {
  readonly role: PromptVersion['messages'][0]['role']
  readonly parts: readonly CompiledPart[]
}

export type CompiledPart =
  | { readonly kind: 'text'; readonly text: Template }
  | { readonly kind: 'image'; readonly url: Template; readonly detail: string | undefined }
  | { readonly kind: 'file'; readonly url: Template; readonly filename: Template | undefined }

/** The hash of a version's content: of what it says, not of how the YAML is laid out. */
export function contentHash(version: PromptVersion): string {
  const text = stableJson(version) ?? JSON.stringify(version)
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** @param wrong - told of everything that is wrong with it. @returns undefined then */
export function compileVersion(
  name: string,
  definition: PromptVersion,
  published: boolean,
  wrong: (path: readonly (string | number)[], message: string) => void
): CompiledVersion | undefined {
  let failed = false
  const attempt = <Value>(path: readonly (string | number)[], make: () => Value): Value | undefined => {
    try {
      return make()
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown
      failed = true
      wrong(path, thrown.message)
      return undefined
    }
  }
  const variables = attempt([], () => compileVariables(definition.variables))
  if (variables === undefined) return undefined
  const template = (text: string): Template => checkedTemplate(text, variables)
  const messages = definition.messages.map(({ role, content }, i) => ({
    role,
    parts: attempt(['messages', i, 'content'], () => partsOf(role, content, template)) ?? []
  }))
  const { response } = definition
  const answer = response && attempt(['response', 'schema'], () => schemaOf(response.schema))
  if (failed) return undefined
  return { name, definition, hash: contentHash(definition), published, variables, messages, answer }
}

function checkedTemplate(text: string, { names, hasNames }: Variables): Template {
  const template = parseTemplate(text, hasNames)
  for (const name of template.names) {
    if (names.includes(name)) continue
    const known = names.length === 0 ? 'there are none' : `expected one of ${names.join(', ')}`
    throw new TemplateMistake(`"{{${name}}}" is no variable of this version; ${known}${didYouMean(name, names)}`)
  }
  return template
}

function partsOf(
  role: CompiledMessage['role'],
  content: PromptVersion['messages'][0]['content'],
  template: (text: string) => Template
): CompiledPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: template(content) }]
  return content.map(({ text, image, detail, file, filename }, i) => {
    const [first, ...more] = [text, image, file].filter(each => each !== undefined)
    if (first === undefined || more.length > 0) {
      throw new TemplateMistake(
        `part ${i}: expected one of text, image and file, found ${first === undefined ? 'none' : 'several'}`
      )
    }
    if (text !== undefined) return { kind: 'text', text: template(text) }
    if (role !== 'user') throw new TemplateMistake(`a message of role "${role}" has a file; expected text alone`)
    if (image !== undefined) return { kind: 'image', url: template(image), detail }
    return { kind: 'file', url: template(first), filename: filename === undefined ? undefined : template(filename) }
  })
}

function schemaOf(schema: object): JsonSchema {
  try {
    return JsonSchema.parse(Buffer.from(JSON.stringify(schema)), linearPattern)
  } catch (thrown) {
    throw new VariableMistake(thrown instanceof Error ? thrown.message : String(thrown))
  }
}
