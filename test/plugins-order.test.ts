import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { type Hook, isAiHook } from '../core/base/hooks.js'
import { DEFAULT_LIMITS } from '../core/base/manifest.js'
import { buildPlugin } from '../core/cli/plugin/build.js'
import type { Case } from '../core/cli/plugin/case.js'
import { readCases } from '../core/cli/plugin/case-file.js'
import { playCase } from '../core/cli/plugin/play.js'
import { complete } from '../core/config/complete.js'
import { AiVerdict, Verdict } from '../core/plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry } from '../core/plugin-host/arena.js'
import { bindAlone } from '../core/plugin-host/bind-alone.js'
import type { Binding } from '../core/plugin-host/binding.js'
import { type LoadedModule, loadModule, type PluginFiles, readManifest } from '../core/plugin-host/load.js'
import { PluginPool } from '../core/plugin-host/pool.js'
import { schemaProblems } from '../core/plugin-host/schema-problems.js'

/**
 * What a policy decides does not depend on what its instance saw before: all cases with the same settings are played on one instance, in
 * order, backwards and shuffled, and must be answered by the same bytes each time.
 */

// Thousands of cases, three times: long on a busy machine.
t.setTimeout(600_000)

const PLUGINS = fileURLToPath(new URL('../../plugins/', import.meta.url))
/** When cases take place that do not say it. */
const NOW_MS = Date.UTC(2026, 0, 2)

for (const { name } of readdirSync(PLUGINS, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
  t.test(`${name} answers a case alike, whatever its instance saw before`, async t => {
    const folder = join(PLUGINS, name)
    await buildPlugin(folder, { quiet: true })
    const files = await readManifest(folder)
    const { counters, kv } = files.manifest.permissions ?? {}
    if (counters === true || kv === true) return t.comment(`${name} counts, or keeps values: what came before matters`)
    const loaded = await loadModule(files, { ...DEFAULT_LIMITS, ...files.manifest.limits }.memoryPages)
    const first = await open(t, files, loaded, 1)
    const inOrder = new Map<Playable, string>()
    for (const each of first) inOrder.set(each, await answerTo(each))
    const fixed = first.filter(each => inOrder.get(each) !== ASKS)
    const drawn = drawsChance(loaded) ? await differing(await open(t, files, loaded, 2), inOrder, fixed) : new Set()
    const compared = fixed.filter(each => !drawn.has(each))
    if (first.length > 0) t.ok(compared.length > 0 || fixed.length === 0, 'some do not depend on chance')
    const wrong: string[] = []
    for (const [order, list] of [
      ['backwards', compared.toReversed()],
      ['shuffled', shuffled(compared)]
    ] as const) {
      for (const each of list) if ((await answerTo(each)) !== inOrder.get(each)) wrong.push(`${each.name} (${order})`)
    }
    t.strictSame(wrong, [])
  })
}

interface Playable {
  readonly name: string
  readonly given: Case
  readonly binding: Binding
  readonly clock: Float64Array
  readonly pool: PluginPool
}

/** The cases of a plugin with settings it takes, bound by settings, on one thread. */
async function open(t: Test, files: PluginFiles, loaded: LoadedModule, seed: number): Promise<Playable[]> {
  const { manifest } = files
  const schema = manifest.settings ?? { type: 'object', additionalProperties: false }
  const bindings = new Map<string, Binding>()
  const clock = new Float64Array(new SharedArrayBuffer(8))
  const cases = readCases(files.folder).flatMap(file => {
    const settings = complete(schema, file.case.settings ?? {}, undefined)
    if (schemaProblems(schema, settings).length > 0) return []
    const key = JSON.stringify(settings)
    const { size: index } = bindings
    const bound =
      bindings.get(key) ?? bindAlone(manifest, settings, { index, abi: loaded.abi, script: { clock, seed } })
    bindings.set(key, bound)
    return [{ name: file.name, given: file.case, binding: bound }]
  })
  clock[0] = NOW_MS
  const pool = new PluginPool({ bindings: [...bindings.values()], modules: [loaded.module] }, { threads: 1 })
  t.teardown(() => pool.close())
  const refused = new Set((await pool.prepare()).map(({ binding }) => binding))
  return cases
    .filter(({ binding }) => !refused.has(binding.index))
    .map(each => {
      const input = pool.inputs.get(each.binding.index) ?? each.binding.input
      return { ...each, binding: { ...each.binding, input }, clock, pool }
    })
}

/** Asks for something, or remembers what it asked for: the answers of one case are not those of another. */
const ASKS = 'asks'

/** All that a policy answers in a case, faults too. */
async function answerTo({ given, binding, clock, pool }: Playable): Promise<string> {
  const { nowMs = NOW_MS } = given
  if (given.answers !== undefined) return ASKS
  clock[0] = nowMs
  const answers: Entry[] = []
  let asks = false
  const plugins = {
    run: async (call: CallInput) => {
      const entries = await pool.run(call)
      answers.push(...entries.filter(({ kind }) => kind === ENTRY.verdict || kind === ENTRY.fault))
      asks ||= entries.some(entry => asksFor(entry, call.hook))
      return entries
    }
  }
  // What fails has a fault among its answers.
  await playCase({ ...given, nowMs }, binding, plugins).catch(() => undefined)
  if (asks) return ASKS
  return answers.map(({ bytes }) => Buffer.from(bytes).toString('base64')).join(' ')
}

function asksFor({ kind, bytes }: Entry, hook: Hook): boolean {
  if (kind !== ENTRY.verdict) return false
  const verdict = isAiHook(hook) ? AiVerdict.decode(bytes).verdict : Verdict.decode(bytes)
  return (verdict?.effects.length ?? 0) > 0
}

function drawsChance({ module }: LoadedModule): boolean {
  return WebAssembly.Module.imports(module).some(({ name }) => name === 'random')
}

/** The cases whose answer is another with another seed. */
async function differing(
  others: readonly Playable[],
  known: ReadonlyMap<Playable, string>,
  cases: readonly Playable[]
): Promise<Set<unknown>> {
  const drawn = new Set<unknown>()
  const byName = new Map(cases.map(each => [each.name, each]))
  for (const other of others) {
    const answer = await answerTo(other)
    const same = byName.get(other.name)
    if (same !== undefined && known.get(same) !== answer) drawn.add(same)
  }
  return drawn
}

/** Always the same order. */
function shuffled<T>(list: readonly T[]): T[] {
  const mixed = [...list]
  let seed = 42
  for (let i = mixed.length - 1; i > 0; i--) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    const other = seed % (i + 1)
    const [a, b] = [mixed[i], mixed[other]]
    if (a !== undefined && b !== undefined) [mixed[i], mixed[other]] = [b, a]
  }
  return mixed
}
