import type { Test } from 'tap'
import { Value } from 'typebox/value'
import { openPrompts, type PromptLibrary } from '../../../core/ai/prompts/library.js'
import { complete } from '../../../core/config/complete.js'
import { explain } from '../../../core/config/explain.js'
import { ConfigError } from '../../../core/config/problems.js'
import { resolvePrompts } from '../../../core/config/resolve-ai-prompts.js'
import { Prompts } from '../../../core/config/schema-ai-prompts.js'
import { buildTree } from '../../../core/config/tree.js'
import { readYaml, type Yaml } from '../../../core/config/yaml.js'

/** A section of a configuration, checked and completed, with files beside it. */
export function open(t: Test, section: object, files: Record<string, unknown> = {}): PromptLibrary {
  const folder = t.testdir(files as never)
  const { document, lines } = readYaml(JSON.stringify(section)) as Exclude<Yaml, { problems: unknown }>
  const { value, origin } = buildTree(document, lines, { env: {}, file: () => ({ failure: 'not here' }) })
  const completed = complete(Prompts, value, origin)
  const problems = explain(Prompts, completed, { file: 'sluice.yaml', root: origin, path: [], secret: false })
  if (!Value.Check(Prompts, completed)) throw new ConfigError(problems)
  return openPrompts(resolvePrompts(completed, folder), 'sluice.yaml')
}

/** What is wrong with it, `file path message` each, files without their folder. */
export function problemsOf(t: Test, section: object, files: Record<string, unknown> = {}): string[] {
  try {
    open(t, section, files)
    return []
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    return thrown.problems.map(({ file, path, message }) => `${file.replace(/^.*\//, '')} ${path} ${message}`)
  }
}

export const SUMMARISE = {
  description: 'Summarises a text.',
  labels: { production: { v1: 80, v2: 20 }, staging: 'v2' },
  versions: {
    v1: {
      model: 'small',
      parameters: { temperature: 0, max_tokens: 100 },
      variables: { text: { type: 'string', maxLength: 50 } },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Summarise: {{text}}' }
      ]
    },
    v2: {
      model: 'large',
      variables: {
        text: { type: 'string' },
        tone: { type: 'enum', values: ['dry', 'warm'], default: 'dry' },
        points: { type: 'list', items: { type: 'string' }, required: false }
      },
      messages: [
        { role: 'system', content: 'Be {{tone}}.{{#points}}\n- {{.}}{{/points}}' },
        { role: 'user', content: '{{text}}' }
      ],
      response: { schema: { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'] } }
    }
  }
}
