import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { difference } from '../../ai/prompts/difference.js'
import { type CompiledPrompt, openPrompts } from '../../ai/prompts/library.js'
import { publish } from '../../ai/prompts/publish.js'
import { known } from '../../ai/prompts/request.js'
import { formatPromptsLock, readPromptsLock } from '../../config/prompts-lock.js'
import type { PromptsConfig } from '../../config/resolve-ai-prompts.js'
import { readConfig } from '../../gateway/read-config.js'

/** What follows each command; the same text is in --help. */
const USAGE = {
  list: '',
  show: 'NAME [VERSION]',
  diff: 'NAME VERSION VERSION',
  publish: 'NAME [VERSION...]'
} as const

/** The configuration where none is named. */
const USUAL = 'sluice.yaml'

/** `sluice prompts …` of a configuration file. @throws ConfigError, Refusal */
export function promptsOf(args: readonly string[], file: string | undefined): number {
  if (file === undefined && !existsSync(USUAL)) return misused('say which configuration: -c sluice.yaml')
  const from = file ?? USUAL
  const { prompts } = readConfig(from).config
  if (prompts === undefined) return misused(`${from} has no prompts; expected a section "prompts"`)
  return promptsCommand(args, prompts, from)
}

/**
 * `sluice prompts …`: what prompts there are, and which of their versions are published.
 * @param file - the configuration they are of
 * @throws ConfigError, Refusal
 */
export function promptsCommand(args: readonly string[], config: PromptsConfig, file: string): number {
  const [command = '', name, ...versions] = args
  if (!isCommand(command)) return misused(`prompts ${command}: expected one of ${Object.keys(USAGE).join(', ')}`)
  // What is not published yet cannot be refused here: it is published here.
  const { prompts } = openPrompts({ ...config, publishedOnly: false }, file)
  if (command === 'list') {
    return name === undefined ? list(prompts) : misused('prompts list: expected nothing after it')
  }
  if (name === undefined || !fits(command, versions.length)) {
    return misused(`prompts ${command}: expected ${USAGE[command]}`)
  }
  switch (command) {
    case 'show':
      return show(known(prompts, name, 'prompt'), versions[0])
    case 'diff':
      return diff(known(prompts, name, 'prompt'), versions)
    case 'publish':
      return publishVersions(config, prompts, name, versions)
  }
}

function list(prompts: ReadonlyMap<string, CompiledPrompt>): number {
  if (prompts.size === 0) process.stdout.write('no prompts\n')
  for (const { name, versions, labels } of prompts.values()) {
    for (const { name: version, published, definition, hash } of versions.values()) {
      const leads = [...labels].flatMap(([label, arms]) => {
        const share = arms.find(arm => arm.version.name === version)?.share
        return share === undefined ? [] : [arms.length === 1 ? label : `${label} (${share})`]
      })
      const state = published ? `published ${hash.slice(0, 19)}` : 'draft'
      const line = [`${name} ${version}`, state, definition.model, leads.join(', ')]
      process.stdout.write(`${line.filter(part => part !== '').join('  ')}\n`)
    }
  }
  return 0
}

function show(prompt: CompiledPrompt, version: string | undefined): number {
  const shown =
    version === undefined
      ? Object.fromEntries([...prompt.versions.values()].map(({ name, definition }) => [name, definition]))
      : known(prompt.versions, version, `version of the prompt "${prompt.name}" called`).definition
  process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
  return 0
}

function diff(prompt: CompiledPrompt, versions: readonly string[]): number {
  const [a, b] = versions.map(each => known(prompt.versions, each, `version of the prompt "${prompt.name}" called`))
  if (a === undefined || b === undefined) return misused(`prompts diff: expected ${USAGE.diff}`)
  const lines = difference(a.definition, b.definition)
  process.stdout.write(lines.length === 0 ? 'they say the same\n' : `${lines.join('\n')}\n`)
  return 0
}

function publishVersions(
  config: PromptsConfig,
  prompts: ReadonlyMap<string, CompiledPrompt>,
  name: string,
  versions: readonly string[]
): number {
  const { lock, published } = publish(readPromptsLock(config.lock), prompts, name, versions)
  if (published.length === 0) process.stdout.write('all of it is published already\n')
  else {
    // In one step: whoever reads it meanwhile has the old one or the new one.
    const next = `${config.lock}.next`
    writeFileSync(next, formatPromptsLock(lock))
    renameSync(next, config.lock)
  }
  for (const { prompt, version, hash } of published) process.stdout.write(`published ${prompt} ${version}  ${hash}\n`)
  return 0
}

function fits(command: keyof typeof USAGE, versions: number): boolean {
  if (command === 'diff') return versions === 2
  return command === 'publish' || versions <= 1
}

function isCommand(text: string): text is keyof typeof USAGE {
  return Object.hasOwn(USAGE, text)
}

function misused(message: string): number {
  process.stderr.write(`sluice: ${message}\nTry: sluice --help\n`)
  return 2
}
