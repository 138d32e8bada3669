import type { HostFunctions } from '../imports.js'
import type { Import, ModuleInfo } from './info.js'
import { listed, quoted } from './text.js'

/** What to do instead, for imports that toolchains make by themselves; by module, then by name ("*": any other). */
const HINTS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'env',
    new Map([
      ['abort', "AssemblyScript's abort: build with the SDK (sluice plugin build), which replaces it"],
      ['trace', "use the SDK's log functions instead of trace()"],
      ['seed', "use the SDK's random functions instead of Math.random()"],
      ['Date.now', "use the SDK's clock instead of Date.now()"],
      ['performance.now', "use the SDK's clock instead of performance.now()"],
      ['console.*', "use the SDK's log functions instead of console"],
      ['*', 'the linker left it undefined']
    ])
  ],
  ['extism:host/env', new Map([['http_*', 'a hook cannot wait for I/O, so plugins make no HTTP requests']])],
  ['extism:host/user', new Map([['*', 'Sluice has no user functions: what it offers is in module "sluice"']])],
  ['wasi_*', new Map([['*', 'there is no WASI: build for wasm32-unknown-unknown, or without the WASI shim']])],
  ['wasi:*', new Map([['*', 'there is no WASI: build for wasm32-unknown-unknown']])],
  ['__wbindgen_*', new Map([['*', 'wasm-bindgen needs a JavaScript host: build without it']])]
])

const MEMORY_HINT = 'define the memory in the module and export it (AssemblyScript: without --importMemory)'
const EXTISM = 'extism:host/env'

/** What is wrong with the imports of a module, if anything: one sentence. */
export function importProblem(info: ModuleInfo, abi: 'direct' | 'extism', allowed: HostFunctions): string | undefined {
  const notFunction = info.imports.find(({ kind }) => kind !== 'function')
  if (notFunction !== undefined) return kindProblem(notFunction)

  const undeclared = info.imports.filter(one => signatureOf(allowed, one) === undefined)
  if (undeclared.length > 0) return `imports what Sluice does not offer it: ${listed(undeclared.map(withHint), '; ')}`

  const wrong = info.imports.find(one => signatureOf(allowed, one) !== one.signature)
  if (wrong !== undefined) {
    return `imports ${shown(wrong)} as ${wrong.signature}; expected ${signatureOf(allowed, wrong)}`
  }

  // Extism frees its blocks when it makes a call itself; called directly, they would stay forever.
  const mixed = abi === 'direct' ? info.imports.find(({ module }) => module === EXTISM) : undefined
  if (mixed !== undefined) {
    return `imports ${shown(mixed)} and exports sluice_abi; a plugin speaks either Sluice's convention or Extism's`
  }
  return undefined
}

function kindProblem(one: Import): string {
  const hint = one.kind === 'memory' ? `; ${MEMORY_HINT}` : ''
  return `imports the ${one.kind} ${shown(one)}; only functions can be imported${hint}`
}

/** Own properties only: a module may well ask for "constructor". */
function signatureOf(allowed: HostFunctions, one: Import): string | undefined {
  const functions = Object.hasOwn(allowed, one.module) ? allowed[one.module] : undefined
  return functions !== undefined && Object.hasOwn(functions, one.name) ? functions[one.name] : undefined
}

function withHint(one: Import): string {
  const hint = matching(matching(HINTS, one.module), one.name)
  return hint === undefined ? shown(one) : `${shown(one)} (${hint})`
}

/** The entry under `name`, or the first whose key ends in "*" and begins it. */
function matching<T>(entries: ReadonlyMap<string, T> | undefined, name: string): T | undefined {
  for (const [key, value] of entries ?? []) {
    if (key === name || (key.endsWith('*') && name.startsWith(key.slice(0, -1)))) return value
  }
  return undefined
}

function shown(one: Import): string {
  return quoted(`${one.module}.${one.name}`)
}
