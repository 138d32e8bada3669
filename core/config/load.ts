import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { complete } from './complete.js'
import { crossCheck } from './cross-check.js'
import type { ProviderFacts } from './cross-check-ai.js'
import { catalogProblems } from './cross-check-ai-money.js'
import { explain, problemsAt, type Subject } from './explain.js'
import { deepFreeze, valueAt } from './json.js'
import { type Located, locate } from './origin.js'
import { isPlace, type PluginPlaces, type PluginUse, pluginPlaces, pluginUses } from './plugin-places.js'
import { ConfigError, type Path, type Problem, showPath } from './problems.js'
import { readText } from './read-text.js'
import { type Config, resolveConfig } from './resolve.js'
import { type CatalogConfig, resolveAiCatalog } from './resolve-ai-catalog.js'
import { promptPlaces } from './resolve-ai-prompts.js'
import { pemFiles } from './resolve-listen.js'
import { ConfigFile } from './schema.js'
import { AiCatalog } from './schema-ai-catalog.js'
import { secretPointers } from './secret-pointers.js'
import { buildTree, type Tree } from './tree.js'
import { readYaml } from './yaml.js'

const MAX_FILE_BYTES = 16 << 20
/** A secret or a certificate; what is larger was named by mistake. */
const MAX_INTERPOLATED_BYTES = 1 << 20

export interface LoadOptions {
  /** Names of the plugins that need no entry. */
  readonly builtins?: readonly string[]
  /** Names of the installed plugins, which need no entry either. */
  readonly installed?: (places: PluginPlaces) => readonly string[]
  /** What there is to know of the AI providers there are. */
  readonly providers?: readonly ProviderFacts[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Cores of the machine, for `pluginThreads: auto`. */
  readonly cores?: number
}

/** A configuration with the way back to its file, for those who find something wrong with it later. */
export interface Loaded {
  readonly config: Config
  readonly file: string
  /** All files it was made from: that one, those it takes text from, certificates and keys, lock files, the folder of prompts. Absolute. */
  readonly files: readonly string[]
  /** Where the value at a path of the file is, or the nearest thing around it. */
  locate(path: Path): Located
  /**
   * Validates the value at a path against a JSON Schema, such as a policy's settings against its plugin's: interpolated
   * text becomes a number or boolean where the schema wants one, defaults are filled in. Messages do not repeat values.
   */
  check(path: Path, schema: object): Checked
}

export interface Checked {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** JSON pointers to what of the value is secret. */
  readonly secrets: readonly string[]
}

/** Reads, checks and resolves a configuration file. @throws ConfigError with everything that is wrong */
export function loadConfig(file: string, options: LoadOptions = {}): Loaded {
  const { builtins = [], env = process.env, cores = availableParallelism() } = options
  const { value, origin, files, problems: read } = readTree(file, env)
  const subject: Subject = { file, root: origin, path: [], secret: false }
  const completed = complete(ConfigFile, value, origin)
  const valid = Value.Check(ConfigFile, completed)
  const problems = [...read, ...(valid ? [] : explain(ConfigFile, completed, subject))]
  const wrong = new Set(problems.map(({ path }) => path))
  const folder = dirname(resolve(file))
  const known = [...builtins, ...(options.installed?.(pluginPlaces(completed, folder)) ?? [])]
  for (const { path, message } of crossCheck(completed, origin, known, options.providers ?? [])) {
    if (!wrong.has(showPath(path))) problems.push(...problemsAt(subject, path, message))
  }
  if (problems.length > 0 || !valid) throw new ConfigError(problems)
  const config = deepFreeze(resolveConfig(completed, folder, cores))
  return {
    config,
    file,
    files: [...files, ...pemFiles(config), config.places.lock.file, ...promptPlaces(config.prompts)],
    locate: path => locate(origin, path),
    check: (path, schema) => {
      const at = locate(origin, path).origin
      const settings = complete(schema, valueAt(completed, path), at)
      return {
        value: deepFreeze(settings),
        problems: explain(schema, settings, { ...subject, path, secret: true }),
        secrets: secretPointers(settings, schema, at)
      }
    }
  }
}

/** A problem found later, at its place in the file. */
export function problemAt(loaded: Loaded, path: Path, message: string): Problem {
  const { line, column, through } = loaded.locate(path)
  return { file: loaded.file, line, column, path: showPath(path), message, ...(through && { through }) }
}

/**
 * Where plugins are installed, and which the file uses, whatever else may be wrong with it: a plugin that is not
 * installed yet is wrong too.
 * @throws ConfigError when there is no YAML, or something is wrong with the places themselves
 */
export function loadPluginPlaces(
  file: string,
  env = process.env
): PluginPlaces & { readonly uses: readonly PluginUse[] } {
  const { value, origin, problems: read } = readTree(file, env)
  const completed = complete(ConfigFile, value, origin)
  const subject: Subject = { file, root: origin, path: [], secret: false }
  const wrong = [...read, ...explain(ConfigFile, completed, subject)].filter(({ path }) => isPlace(path))
  if (wrong.length > 0) throw new ConfigError(wrong)
  return { ...pluginPlaces(completed, dirname(resolve(file))), uses: pluginUses(completed) }
}

/**
 * The operator's models of `ai.catalog`, whatever else may be wrong with the file.
 * @throws ConfigError when something is wrong with the section itself
 */
export function loadAiCatalog(file: string, env = process.env): CatalogConfig {
  const at = ['ai', 'catalog']
  const { value, origin, problems: read } = readTree(file, env)
  const subject: Subject = { file, root: origin, path: at, secret: false }
  const section = complete(AiCatalog, valueAt(value, at), locate(origin, at).origin)
  const problems = [
    ...read,
    ...explain(AiCatalog, section, subject),
    ...catalogProblems(section, ['models']).flatMap(each =>
      problemsAt({ ...subject, path: [] }, [...at, ...each.path], each.message)
    )
  ]
  if (problems.length > 0 || !Value.Check(AiCatalog, section)) throw new ConfigError(problems)
  return resolveAiCatalog(section, dirname(resolve(file)))
}

/** @throws ConfigError when there is nothing to check: no file, no YAML, no mapping */
function readTree(
  file: string,
  env: LoadOptions['env'] = {}
): Tree & { readonly problems: readonly Problem[]; readonly files: readonly string[] } {
  const read = readText(file, { bytes: MAX_FILE_BYTES, regular: false })
  if ('failure' in read) {
    throw new ConfigError([
      { file, line: 0, column: 0, path: '', message: `the configuration cannot be read: ${read.failure}` }
    ])
  }
  const yaml = readYaml(read.text)
  if ('problems' in yaml) throw new ConfigError(yaml.problems.map(problem => ({ file, path: '', ...problem })))
  const folder = dirname(resolve(file))
  const files = new Set([resolve(file)])
  const tree = buildTree(yaml.document, yaml.lines, {
    env,
    file: path => {
      const named = resolve(folder, path)
      files.add(named)
      return readText(named, { bytes: MAX_INTERPOLATED_BYTES, regular: true })
    }
  })
  return {
    ...tree,
    files: [...files],
    problems: tree.problems.map(problem => ({ ...problem, file, path: showPath(problem.path) }))
  }
}
