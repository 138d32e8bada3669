import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openaiChat } from '../core/ai/dialects/openai-chat/index.js'
import type { Hook } from '../core/base/hooks.js'
import { DEFAULT_LIMITS, type Manifest } from '../core/base/manifest.js'
import { buildPlugin } from '../core/cli/plugin/build.js'
import type { Case } from '../core/cli/plugin/case.js'
import { reportOn } from '../core/cli/plugin/test.js'
import { complete } from '../core/config/complete.js'
import { messageOf, parametersOf, toolOf } from '../core/gateway/ai/plugin-messages.js'
import { bodyPrefix, PromptInput, RequestInput } from '../core/plugin-host/abi.js'
import { bindAlone } from '../core/plugin-host/bind-alone.js'
import type { Binding } from '../core/plugin-host/binding.js'
import { PluginInstance } from '../core/plugin-host/instance.js'
import { configure } from '../core/plugin-host/instance-cache.js'
import { type LoadedModule, loadModule, readManifest } from '../core/plugin-host/load.js'
import { allows } from '../core/plugin-host/permissions.js'

/** The contract of every plugin that comes with Sluice, also the one written tomorrow. */

// Each case of each plugin is called hundreds of times: that is longer the more plugins there are.
t.setTimeout(1_800_000)

const PLUGINS = fileURLToPath(new URL('../../plugins/', import.meta.url))
const folders = readdirSync(PLUGINS, { withFileTypes: true }).filter(entry => entry.isDirectory())

t.ok(folders.length > 0, 'there are plugins')

for (const { name } of folders) {
  const folder = join(PLUGINS, name)

  t.test(`${name} does what its cases say`, async t => {
    await buildPlugin(folder, { quiet: true })
    const { results, uncovered } = await reportOn(folder)
    t.ok(results.length > 0, 'it has cases')
    for (const result of results) t.strictSame(result.problems, [], result.name)
    t.strictSame(uncovered, [], 'each of its hooks is called, each of its settings used')
  })

  t.test(`${name} says what it is: every setting is described, documented and used in a case`, async t => {
    const { manifest } = await readManifest(folder)
    t.equal(manifest.name, name)
    const readme = join(folder, 'README.md')
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
    t.match(text, `# ${name}\n`, 'it has a README')
    const schema = manifest.settings ?? {}
    t.equal(Reflect.get(schema, 'additionalProperties'), false, 'unknown settings are refused')
    const used = new Set(casesOf(folder).flatMap(each => pathsIn(each.settings ?? {}, '')))
    for (const { path, key, description } of settingsOf(schema, '')) {
      t.ok(description.length > 10, `${path} is described`)
      t.match(text, new RegExp(`[\`.]${key}[\`:]`), `${path} is in the README`)
      t.ok(used.has(path), `${path} is used in a case`)
    }
    const given = casesOf(folder).map(each => each.settings ?? {})
    for (const { path, value } of unusedChoices(schema, given)) t.fail(`${path}: ${value} is used in no case`)
  })

  t.test(`${name} answers every case hundreds of times alike`, async t => {
    const files = await readManifest(folder)
    const { manifest } = files
    const loaded = await loadModule(files, manifest.limits?.memoryPages ?? DEFAULT_LIMITS.memoryPages)
    const costs: number[] = []
    for (const each of casesOf(folder)) {
      const cost = await callOften(each, manifest, loaded)
      if (cost !== undefined) costs.push(cost)
    }
    const { hooks } = manifest
    // What only looks at AI traffic has no hook that is called here; its cases were played above.
    if (!hooks.includes('on_request') && !hooks.includes('on_request_body')) return
    t.ok(costs.length > 0)
    costs.sort((a, b) => a - b)
    const at = (share: number) => (costs[Math.floor((costs.length - 1) * share)] ?? 0).toFixed(1)
    t.comment(`${name}: ${at(0.5)} µs a call (median of its cases; ${at(0)} to ${at(1)})`)
  })
}

/** The first half warms up. */
const CALLS = 300

/** Calls the hook a case is about again and again on one instance. Returns µs a call; undefined when it is about none. */
async function callOften(given: Case, manifest: Manifest, loaded: LoadedModule): Promise<number | undefined> {
  if (given.expect?.refused !== undefined) return undefined
  const { request = {} } = given
  const body = Buffer.from(request.body ?? '')
  const binding = bindingOf(given, manifest, loaded)
  const prompt = given.ai?.prompt
  const hook = binding.hooks.find(each => {
    if (each === 'on_prompt') return prompt !== undefined
    return each === 'on_request' || (each === 'on_request_body' && body.length > 0)
  })
  if (hook === undefined) return undefined
  const instance = await PluginInstance.create(binding, loaded.module, () => undefined)
  await t.resolves(configure(instance, binding))
  const input = inputOf(given, binding, hook, body)
  const whole = hook === 'on_request_body' ? body : Buffer.alloc(0)
  let first = Buffer.from(await instance.call(hook, input, whole))
  for (let i = 1; i < CALLS / 2; i++) {
    const next = await instance.call(hook, input, whole)
    // Its first call leaves what the later ones find.
    if (i === 1 && binding.grants.kv) first = Buffer.from(next)
  }
  const before = performance.now()
  let last = new Uint8Array(0)
  for (let i = 0; i < CALLS / 2; i++) last = (await instance.call(hook, input, whole)) as Uint8Array<ArrayBuffer>
  const cost = ((performance.now() - before) * 2_000) / CALLS
  // What is drawn at random is not the same twice, but as long. What counts changes its mind.
  if (!binding.grants.counters) t.equal(last.length, first.length, `${manifest.name}: as long as before`)
  return cost
}

function bindingOf(given: Case, manifest: Manifest, { abi }: LoadedModule): Binding {
  return bindAlone(manifest, complete(manifest.settings ?? {}, given.settings ?? {}, undefined), { abi })
}

function inputOf(given: Case, binding: Binding, hook: Hook, body: Buffer): Buffer {
  const { request = {} } = given
  const headers = Object.entries(request.headers ?? {}).flatMap(([name, value]) => {
    if (!allows(binding.grants.requestHeaders.read, name)) return []
    return [value].flat().flatMap(each => [name, each])
  })
  const {
    method = 'GET',
    host = 'example.com',
    path = '/',
    query = '',
    clientIp = '127.0.0.1',
    consumer = ''
  } = request
  const context = { exchangeId: 'case', route: 'case', upstream: 'case', consumer, nowMs: Date.now() }
  const told = { context, request: { method, scheme: 'http', host, path, query, clientIp, headers } }
  if (hook === 'on_prompt') return Buffer.from(PromptInput.encode({ ...told, prompt: promptOf(given) }).finish())
  const head = RequestInput.encode(told).finish()
  return hook === 'on_request' ? Buffer.from(head) : Buffer.concat([head, Buffer.from(bodyPrefix(body.length))])
}

function promptOf({ ai }: Case) {
  const body = { model: 'model', messages: [], ...ai?.prompt }
  const chat = openaiChat.chat.readRequest(body, { model: '', stream: undefined, headers: [] })
  return {
    operation: 'chat',
    model: chat.model,
    messages: chat.messages.map(messageOf),
    tools: (chat.tools ?? []).map(toolOf),
    parameters: JSON.stringify(parametersOf(chat))
  }
}

function casesOf(folder: string): Case[] {
  const dir = join(folder, 'cases')
  if (!existsSync(dir)) return []
  const files = readdirSync(dir).filter(file => file.endsWith('.json'))
  return files.map(file => JSON.parse(readFileSync(join(dir, basename(file)), 'utf8')) as Case)
}

interface Setting {
  readonly path: string
  readonly key: string
  readonly description: string
}

/** Every named property of a schema, at its path: "keys[].sha256". */
function settingsOf(schema: unknown, path: string): Setting[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, items } = schema as {
    properties?: Record<string, { description?: string }>
    items?: unknown
  }
  const named = Object.entries(properties).flatMap(([key, part]): Setting[] => {
    const here = path === '' ? key : `${path}.${key}`
    return [{ path: here, key, description: part.description ?? '' }, ...settingsOf(part, here)]
  })
  return [...named, ...settingsOf(items, `${path}[]`)]
}

interface Choice {
  readonly path: string
  readonly value: unknown
}

/**
 * Values that settings may have by their schema ("enum") and that no case has, nor is a default. Settings with the same values, such
 * as the actions of a filter for each kind, are looked at together.
 */
function unusedChoices(schema: unknown, given: readonly unknown[]): Choice[] {
  const used = new Set<string>()
  const choices = choicesIn(schema, given, '', used)
  return choices.filter(({ list, value }) => !used.has(list + value))
}

function choicesIn(
  schema: unknown,
  values: readonly unknown[],
  path: string,
  used: Set<string>
): (Choice & { readonly list: string })[] {
  if (typeof schema !== 'object' || schema === null) return []
  const part = schema as { enum?: unknown[]; default?: unknown; properties?: Record<string, unknown>; items?: unknown }
  const all = part.default === undefined ? values : [...values, part.default]
  const list = JSON.stringify(part.enum)
  for (const value of all) used.add(list + value)
  const own = (part.enum ?? []).map(value => ({ path, list, value }))
  const named = Object.entries(part.properties ?? {}).flatMap(([key, below]) => {
    const inside = all.filter(each => typeof each === 'object' && each !== null && key in each)
    return choicesIn(
      below,
      inside.map(each => Reflect.get(each as object, key)),
      `${path}.${key}`,
      used
    )
  })
  return [...own, ...named, ...choicesIn(part.items, all.filter(Array.isArray).flat(), `${path}[]`, used)]
}

function pathsIn(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap(item => pathsIn(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...pathsIn(part, here)]
  })
}
