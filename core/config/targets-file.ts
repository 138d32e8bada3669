import type { Static } from 'typebox'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { complete } from './complete.js'
import { sameTargets } from './cross-check-upstreams.js'
import { explain, problemsAt } from './explain.js'
import { valueAt } from './json.js'
import { ConfigError, type Problem, showPath } from './problems.js'
import { readText } from './read-text.js'
import { resolveTargets, type TargetConfig } from './resolve-upstream.js'
import { Targets } from './schema-upstream.js'
import { buildTree } from './tree.js'
import { readYaml } from './yaml.js'

const MAX_BYTES = 4 << 20

const TargetsFile = Type.Object(
  { targets: { ...Targets, minItems: 1 } },
  { additionalProperties: false, title: 'a mapping with "targets"' }
)

/**
 * Reads the targets of a `discover.file`: a mapping with `targets`, as an upstream has it.
 * @throws ConfigError with everything that is wrong
 */
export function readTargetsFile(file: string): TargetConfig[] {
  const refuse = (problems: readonly Problem[]): never => {
    throw new ConfigError(problems)
  }
  const read = readText(file, { bytes: MAX_BYTES, regular: true })
  if ('failure' in read) {
    const message = `the targets file cannot be read: ${read.failure}`
    return refuse([{ file, line: 0, column: 0, path: '', message }])
  }
  const yaml = readYaml(read.text)
  if ('problems' in yaml) return refuse(yaml.problems.map(problem => ({ file, path: '', ...problem })))
  const tree = buildTree(yaml.document, yaml.lines, { env: {}, file: () => ({ failure: 'not in a targets file' }) })
  const value = complete(TargetsFile, tree.value, tree.origin)
  const subject = { file, root: tree.origin, path: [], secret: false }
  const problems = [
    ...tree.problems.map(problem => ({ ...problem, file, path: showPath(problem.path) })),
    ...explain(TargetsFile, value, subject)
  ]
  const targets = valueAt(value, ['targets'])
  if (problems.length === 0 && Array.isArray(targets)) {
    for (const { path, message } of sameTargets(targets, ['targets'])) {
      problems.push(...problemsAt(subject, path, message))
    }
  }
  if (problems.length > 0 || !isTargetsFile(value)) return refuse(problems)
  return resolveTargets(value.targets)
}

function isTargetsFile(value: unknown): value is Static<typeof TargetsFile> {
  return Value.Check(TargetsFile, value)
}
