import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import { complete } from './complete.js'
import { catalogProblems } from './cross-check-ai-money.js'
import { explain, problemsAt } from './explain.js'
import { ConfigError, type Problem, showPath } from './problems.js'
import { readText } from './read-text.js'
import { AiCatalogFile, type AiCatalogModels } from './schema-ai-catalog.js'
import { buildTree } from './tree.js'
import { readYaml } from './yaml.js'

const MAX_BYTES = 16 << 20

/**
 * Reads the operator's models from a file, YAML or JSON.
 * @throws ConfigError with everything that is wrong
 */
export function readCatalogFile(file: string): AiCatalogModels {
  const read = readText(file, { bytes: MAX_BYTES, regular: true })
  if ('failure' in read) {
    const message = `the catalog file cannot be read: ${read.failure}`
    throw new ConfigError([{ file, line: 0, column: 0, path: '', message }])
  }
  const yaml = readYaml(read.text)
  if ('problems' in yaml) throw new ConfigError(yaml.problems.map(problem => ({ file, path: '', ...problem })))
  const tree = buildTree(yaml.document, yaml.lines, { env: {}, file: () => ({ failure: 'not in a catalog file' }) })
  const value = complete(AiCatalogFile, tree.value, tree.origin)
  const subject = { file, root: tree.origin, path: [], secret: false }
  const problems: Problem[] = [
    ...tree.problems.map(problem => ({ ...problem, file, path: showPath(problem.path) })),
    ...explain(AiCatalogFile, value, subject),
    ...catalogProblems(value, ['models']).flatMap(({ path, message }) => problemsAt(subject, path, message))
  ]
  if (problems.length > 0 || !isCatalogFile(value)) throw new ConfigError(problems)
  return value.models
}

function isCatalogFile(value: unknown): value is Static<typeof AiCatalogFile> {
  return Value.Check(AiCatalogFile, value)
}
