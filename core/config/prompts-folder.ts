import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { complete } from './complete.js'
import { explain } from './explain.js'
import { ConfigError, type Problem, showPath } from './problems.js'
import { readText } from './read-text.js'
import { type Prompt, PromptHead, PromptVersion } from './schema-ai-prompts.js'
import { buildTree } from './tree.js'
import { NAME_PATTERN } from './values.js'
import { readYaml } from './yaml.js'

/** A prompt of a folder, with the files it was made from. Absolute, when the folder was. */
export interface PromptFiles {
  readonly prompt: Prompt
  readonly files: readonly string[]
}

const MAX_BYTES = 4 << 20
const HEAD = 'prompt.yaml'

/**
 * Reads a folder of prompts: `<name>/<version>.yaml` for each version, `<name>/prompt.yaml` with what is the same for all. Nothing is
 * interpolated: a prompt is the same wherever it is read; a literal "${" is written "$${", as in every file of the configuration.
 * @throws ConfigError with everything that is wrong
 */
export function readPromptsFolder(folder: string): ReadonlyMap<string, PromptFiles> {
  const problems: Problem[] = []
  const prompts = new Map<string, PromptFiles>()
  for (const name of namesIn(folder, problems)) {
    const read = readPrompt(join(folder, name), problems)
    if (read !== undefined) prompts.set(name, read)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return prompts
}

function namesIn(folder: string, problems: Problem[]): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
    return checkedNames(
      folder,
      entries.map(({ name }) => name).filter(name => !name.startsWith('.')),
      'a prompt',
      problems
    )
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    problems.push(problem(folder, `the folder of prompts cannot be read: ${reason}`))
    return []
  }
}

function readPrompt(folder: string, problems: Problem[]): PromptFiles | undefined {
  const all = readdirSync(folder).filter(name => /\.ya?ml$/.test(name) && !name.startsWith('.'))
  const files = all.map(name => join(folder, name))
  const before = problems.length
  const head = all.includes(HEAD) ? readFile(join(folder, HEAD), PromptHead, problems) : Value.Default(PromptHead, {})
  const versions: Prompt['versions'] = {}
  for (const file of all.filter(name => name !== HEAD)) {
    const [name] = checkedNames(join(folder, file), [file.replace(/\.ya?ml$/, '')], 'a version', problems)
    const version = readFile(join(folder, file), PromptVersion, problems)
    if (name === undefined || version === undefined) continue
    if (Object.hasOwn(versions, name)) {
      problems.push(problem(join(folder, file), `version "${name}" is there twice, as .yaml and .yml; expected one`))
    }
    versions[name] = version
  }
  if (problems.length > before || !Value.Check(PromptHead, head)) return undefined
  if (Object.keys(versions).length > 0) return { prompt: { ...head, versions }, files }
  problems.push(problem(folder, `the prompt "${basename(folder)}" has no version; expected a file like v1.yaml`))
  return undefined
}

function readFile<Schema extends TSchema>(
  file: string,
  schema: Schema,
  problems: Problem[]
): Static<Schema> | undefined {
  const read = readText(file, { bytes: MAX_BYTES, regular: true })
  if ('failure' in read) {
    problems.push(problem(file, `it cannot be read: ${read.failure}`))
    return undefined
  }
  const yaml = readYaml(read.text)
  if ('problems' in yaml) {
    problems.push(...yaml.problems.map(each => ({ file, path: '', ...each })))
    return undefined
  }
  const tree = buildTree(yaml.document, yaml.lines, { env: {}, file: () => ({ failure: 'not in a prompt' }) })
  const value = complete(schema, tree.value, tree.origin)
  const found = [
    ...tree.problems.map(each => ({ ...each, file, path: showPath(each.path) })),
    ...explain(schema, value, { file, root: tree.origin, path: [], secret: false })
  ]
  problems.push(...found)
  return found.length === 0 && Value.Check(schema, value) ? value : undefined
}

function checkedNames(file: string, names: readonly string[], what: string, problems: Problem[]): string[] {
  return names.filter(name => {
    if (new RegExp(NAME_PATTERN).test(name)) return true
    const expected = 'expected a letter, then letters, digits, ".", "_" and "-", at most 63'
    problems.push(problem(file, `"${name}" is no name for ${what}; ${expected}`))
    return false
  })
}

function problem(file: string, message: string): Problem {
  return { file, line: 0, column: 0, path: '', message }
}
