import { HOOKS } from '../../base/hooks.js'
import type { Export, ModuleInfo } from './info.js'
import { listed, quoted } from './text.js'

export type Abi = 'direct' | 'extism'

const ABI_MARK = 'sluice_abi'
const HOOK = /^on_[a-z0-9_]+$/
const HOOK_SIGNATURE: Readonly<Record<Abi, string>> = { direct: '(i32, i32) -> i32', extism: '() -> i32' }
/** What the direct convention calls besides the hooks. */
const DIRECT_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  [ABI_MARK, '() -> i32'],
  ['sluice_alloc', '(i32) -> i32']
])
/** What Extism calls when it makes an instance, if exported, whatever it is. */
const LIFECYCLE: ReadonlyMap<string, string> = new Map([
  ['_initialize', '() -> ()'],
  ['_start', '() -> ()'],
  ['hs_init', '(i32, i32) -> ()']
])

/** How the plugin is called: its mark is the export sluice_abi. */
export function abiOf(info: ModuleInfo): Abi {
  return info.exports.some(({ name }) => name === ABI_MARK) ? 'direct' : 'extism'
}

/** What is wrong with the exports of a module, if anything: one sentence. */
export function exportProblem(info: ModuleInfo, abi: Abi, hooks: readonly string[]): string | undefined {
  const exports = new Map(info.exports.map(one => [one.name, one]))
  return (
    memoryProblem(exports.get('memory')) ??
    globalProblem(info.exports) ??
    functionProblems(exports, DIRECT_FUNCTIONS, abi === 'direct') ??
    functionProblems(exports, LIFECYCLE, false) ??
    hookProblem(exports, abi, hooks)
  )
}

function memoryProblem(memory: Export | undefined): string | undefined {
  if (memory === undefined) return 'does not export its memory; expected an export "memory"'
  return memory.kind === 'memory' ? undefined : `exports "memory" as a ${memory.kind}; expected the memory`
}

/**
 * A mutable global that is exported could be changed from outside between two calls. Nothing of Sluice does, and no
 * convention needs one, so it is only a way for something to go wrong. Immutable ones (__rtti_base, __heap_base) are usual.
 */
function globalProblem(exports: readonly Export[]): string | undefined {
  const names = exports.filter(({ mutable }) => mutable === true).map(({ name }) => quoted(name))
  if (names.length === 0) return undefined
  return `exports mutable globals: ${listed(names)}; keep them inside (AssemblyScript: no "export let")`
}

function functionProblems(
  exports: ReadonlyMap<string, Export>,
  expected: ReadonlyMap<string, string>,
  required: boolean
): string | undefined {
  for (const [name, signature] of expected) {
    const one = exports.get(name)
    if (one === undefined && !required) continue
    const problem = functionProblem(one, name, signature)
    if (problem !== undefined) return problem
  }
  return undefined
}

function functionProblem(one: Export | undefined, name: string, signature: string): string | undefined {
  if (one === undefined) return `does not export ${name}; expected a function ${signature}`
  if (one.signature === signature) return undefined
  const is = one.kind === 'function' ? one.signature : `a ${one.kind}`
  return `exports ${name} as ${is}; expected a function ${signature}`
}

function hookProblem(exports: ReadonlyMap<string, Export>, abi: Abi, hooks: readonly string[]): string | undefined {
  const exported = [...exports.values()].filter(({ name, kind }) => kind === 'function' && HOOK.test(name))
  const undeclared = exported.filter(({ name }) => !hooks.includes(name)).map(({ name }) => name)
  if (undeclared.length > 0) {
    return `exports ${listed(undeclared)}, not among the hooks of its manifest (${listed(hooks)}); hooks are ${HOOKS.join(', ')}`
  }
  const missing = hooks.filter(hook => !exports.has(hook))
  if (missing.length > 0) {
    const names = exported.map(({ name }) => name)
    return `does not export ${listed(missing)}, which its manifest lists as hooks; it exports ${names.length > 0 ? listed(names) : 'none'}`
  }
  for (const hook of hooks) {
    const problem = functionProblem(exports.get(hook), hook, HOOK_SIGNATURE[abi])
    if (problem !== undefined) return `${problem}${abi === 'extism' ? EXTISM_HINT : ''}`
  }
  return undefined
}

const EXTISM_HINT = ` (without an export ${ABI_MARK} it is called the way Extism calls plugins)`
