import { join } from 'node:path'
import { ConfigError, type Problem, showPath } from '../../config/problems.js'
import { type PromptFiles, readPromptsFolder } from '../../config/prompts-folder.js'
import { type PromptsLock, readPromptsLock } from '../../config/prompts-lock.js'
import type { PromptsConfig } from '../../config/resolve-ai-prompts.js'
import type { Prompt } from '../../config/schema-ai-prompts.js'
import { didYouMean } from '../../config/suggest.js'
import { type CompiledVersion, compileVersion, contentHash } from './compile.js'

/** A prompt, ready to be called. */
export interface CompiledPrompt {
  readonly name: string
  readonly description: string | undefined
  readonly versions: ReadonlyMap<string, CompiledVersion>
  readonly labels: ReadonlyMap<string, readonly Arm[]>
  /** The label of who asks for none; undefined: there is no such label, but one version. */
  readonly defaultLabel: string | undefined
}

/** A version's share in a label. */
export interface Arm {
  readonly version: CompiledVersion
  readonly share: number
}

export interface PromptLibrary {
  readonly prompts: ReadonlyMap<string, CompiledPrompt>
  /** The files it was made from, absolute: when one changes it is to be read again. */
  readonly files: readonly string[]
}

/** Reads all prompts there are. @throws ConfigError with everything that is wrong, also when a published version was changed */
export function openPrompts(config: PromptsConfig, configFile: string): PromptLibrary {
  const lock = readPromptsLock(config.lock)
  const folder: ReadonlyMap<string, PromptFiles> =
    config.folder === undefined ? new Map() : readPromptsFolder(config.folder)
  const problems: Problem[] = []
  const prompts = new Map<string, CompiledPrompt>()
  const add = (name: string, prompt: Prompt, report: Report): void => {
    const compiled = compilePrompt(
      name,
      prompt,
      { lock: lock[name] ?? {}, publishedOnly: config.publishedOnly },
      report
    )
    if (compiled !== undefined) prompts.set(name, compiled)
  }
  const report = (file: string, before: readonly (string | number)[]): Report => {
    return (path, message) => {
      problems.push({ file, line: 0, column: 0, path: showPath([...before, ...path]), message })
    }
  }
  for (const [name, { prompt }] of folder) add(name, prompt, inFolder(join(config.folder ?? '', name), problems))
  for (const [name, prompt] of Object.entries(config.inline)) {
    const at = report(configFile, ['prompts', 'inline', name])
    if (folder.has(name)) at([], `there is a prompt "${name}" in the folder of prompts too; expected one of them`)
    else add(name, prompt, at)
  }
  for (const [name, versions] of Object.entries(lock)) {
    if (folder.has(name) || Object.hasOwn(config.inline, name) || Object.keys(versions).length === 0) continue
    const message = `prompt "${name}" has published versions and is no longer there; expected it to stay`
    problems.push({ file: config.lock, line: 0, column: 0, path: showPath(['prompts', name]), message })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return { prompts, files: [config.lock, ...[...folder.values()].flatMap(({ files }) => files)] }
}

type Report = (path: readonly (string | number)[], message: string) => void

/** Problems of a prompt in a folder are told with the file of the version, or of the labels. */
function inFolder(folder: string, problems: Problem[]): Report {
  return (path, message) => {
    const [kind, version, ...rest] = path
    const isVersion = kind === 'versions' && version !== undefined
    const file = isVersion ? join(folder, `${version}.yaml`) : join(folder, 'prompt.yaml')
    problems.push({ file, line: 0, column: 0, path: showPath(isVersion ? rest : path), message })
  }
}

interface Published {
  readonly lock: PromptsLock[string]
  readonly publishedOnly: boolean
}

function compilePrompt(
  name: string,
  prompt: Prompt,
  { lock, publishedOnly }: Published,
  report: Report
): CompiledPrompt | undefined {
  const versions = new Map<string, CompiledVersion>()
  let failed = false
  const wrong: Report = (path, message) => {
    failed = true
    report(path, message)
  }
  for (const [version, definition] of Object.entries(prompt.versions)) {
    const published = Object.hasOwn(lock, version) ? lock[version] : undefined
    const hash = contentHash(definition)
    if (published !== undefined && published !== hash)
      wrong(['versions', version], changed(name, version, published, hash))
    const compiled = compileVersion(version, definition, published === hash, (path, message) =>
      wrong(['versions', version, ...path], message)
    )
    if (compiled !== undefined) versions.set(version, compiled)
  }
  for (const version of Object.keys(lock)) {
    if (!Object.hasOwn(prompt.versions, version)) {
      wrong(['versions'], `version "${version}" is published and is no longer there; expected it to stay`)
    }
  }
  const labels = new Map<string, readonly Arm[]>()
  for (const [label, to] of Object.entries(prompt.labels)) {
    const shares = typeof to === 'string' ? { [to]: 1 } : to
    const arms = Object.entries(shares).flatMap(([version, share]) => {
      const known = Object.keys(prompt.versions)
      if (!known.includes(version)) {
        const hint = didYouMean(version, known)
        wrong(['labels', label], `there is no version "${version}"; expected one of ${known.join(', ')}${hint}`)
      }
      const found = versions.get(version)
      if (publishedOnly && found?.published === false) wrong(['labels', label], unpublished(name, version))
      return found === undefined ? [] : [{ version: found, share }]
    })
    if (Object.values(shares).every(share => share === 0)) {
      wrong(['labels', label], 'all shares are 0; expected one that is more')
    }
    labels.set(label, arms)
  }
  const hasDefault = labels.has(prompt.default)
  if (!hasDefault && Object.keys(prompt.versions).length !== 1) {
    wrong(
      ['labels'],
      `there is no label "${prompt.default}", the default, and more than one version; expected the label`
    )
  }
  if (failed) return undefined
  return {
    name,
    description: prompt.description,
    versions,
    labels,
    defaultLabel: hasDefault ? prompt.default : undefined
  }
}

function changed(name: string, version: string, published: string, hash: string): string {
  const [was, is] = [published, hash].map(text => text.slice(0, 'sha256:'.length + 12))
  return `version "${version}" of prompt "${name}" was published as ${was} and is now ${is}: published versions do not change; expected it as it was, and the change as a new version`
}

function unpublished(name: string, version: string): string {
  return `version "${version}" is not published; expected one that is: sluice prompts publish ${name} ${version}`
}
