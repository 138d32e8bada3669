import type { Test } from 'tap'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { complete } from '../../core/config/complete.js'
import { aiProblems, type ProviderFacts } from '../../core/config/cross-check-ai.js'
import { explain, problemsAt } from '../../core/config/explain.js'
import { resolveAiModels, resolveAiRegions } from '../../core/config/resolve-ai-models.js'
import { resolveAiProviders } from '../../core/config/resolve-ai-providers.js'
import { AI_DEFS, AiModels } from '../../core/config/schema-ai-models.js'
import { AiProviders } from '../../core/config/schema-ai-providers.js'
import { AiRegions } from '../../core/config/schema-ai-regions.js'
import { buildTree } from '../../core/config/tree.js'
import { readYaml } from '../../core/config/yaml.js'

/** The part of a configuration that is about models, as a schema of its own. */
const Whole = Type.Object(
  {
    secrets: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    ai: Type.Object({ providers: AiProviders, models: AiModels, regions: AiRegions }, { additionalProperties: false })
  },
  { $defs: AI_DEFS }
)

const FACTS: readonly ProviderFacts[] = [
  { name: 'anthropic', needsBaseUrl: false, required: [], optional: [], credentialParts: [], keyless: false },
  {
    name: 'openai',
    needsBaseUrl: false,
    required: [],
    optional: ['organization'],
    credentialParts: [],
    keyless: false
  },
  { name: 'azure', needsBaseUrl: true, required: ['apiVersion'], optional: [], credentialParts: [], keyless: false },
  {
    name: 'bedrock',
    needsBaseUrl: false,
    required: [],
    optional: [],
    credentialParts: ['accessKeyId'],
    keyless: false
  },
  { name: 'ollama', needsBaseUrl: false, required: [], optional: [], credentialParts: [], keyless: true }
]

const TOWARDS = { connectMs: 5_000, headersMs: 60_000, idleMs: 60_000 }

/** What is wrong with the models of a configuration, one `path message` each; or what it comes to. */
export function readAi(yaml: string) {
  const read = readYaml(yaml)
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'))
  const { value, origin } = buildTree(read.document, read.lines, {
    env: { KEY: 'sk-from-env', OPENAI_KEY: 'sk-1', ANTHROPIC_KEY: 'sk-2' },
    file: () => ({ failure: 'there are no files here' })
  })
  const subject = { file: 'sluice.yaml', root: origin, path: [], secret: false }
  const completed = complete(Whole, value, origin)
  const problems = explain(Whole, completed, subject)
  const wrong = new Set(problems.map(({ path }) => path))
  const view = { value: completed, root: origin, builtins: [] }
  for (const { path, message } of aiProblems(view, FACTS)) {
    problems.push(...problemsAt(subject, path, message).filter(each => !wrong.has(each.path)))
  }
  const said = problems.map(({ path, message }) => `${path} ${message}`)
  if (said.length > 0 || !Value.Check(Whole, completed)) return { problems: said, config: undefined }
  const { providers, models, regions } = completed.ai
  const config = {
    providers: resolveAiProviders(providers, TOWARDS, '/srv'),
    models: resolveAiModels(models),
    regions: resolveAiRegions(regions)
  }
  return { problems: said, config }
}

/** What a configuration without a mistake comes to. */
export function aiConfig(t: Test, yaml: string) {
  const { problems, config } = readAi(yaml)
  t.strictSame(problems, [])
  if (config === undefined) throw new Error(problems.join('\n'))
  return config
}
