import { GatewayError } from '../../base/errors.js'
import { HOST_FUNCTIONS, type HostFunctions } from '../imports.js'
import { CAPS } from './caps.js'
import { type Abi, abiOf, exportProblem } from './check-exports.js'
import { importProblem } from './check-imports.js'
import { clampMemory } from './clamp.js'
import type { Export, Import, ModuleInfo } from './info.js'
import { inspectModule } from './inspect.js'

export interface ModuleRules {
  /** Names the plugin in messages: 'plugin auth-key (plugins/auth-key/build/auth-key.wasm)'. */
  readonly what: string
  /** The hooks of the manifest: the module exports these and no others. */
  readonly hooks: readonly string[]
  /** Memory the plugin can have, in pages of 64 KiB: the manifest's limit or the operator's, whichever is less. */
  readonly maxPages: number
  /** What it may import; all host functions when left out. */
  readonly allowedImports?: HostFunctions
}

export interface CheckedModule {
  /** 'direct': by pointer and length in its memory; 'extism': as any Extism plugin. */
  readonly abi: Abi
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  /** A copy of the module whose memory is clamped: compile this, never the original. */
  readonly bytes: Uint8Array
}

/**
 * Decides whether a WASM binary can be loaded as a plugin and rewrites its memory limit. Pure: no I/O, nothing of the
 * module runs. What the engine's own compiler checks (types, constants) is left to it.
 * @throws GatewayError GW_PLUGIN_INVALID naming the plugin, the problem and what was expected; nothing else
 */
export function checkModule(bytes: Uint8Array, rules: ModuleRules): CheckedModule {
  const info = inspectModule(bytes, rules.what)
  const abi = abiOf(info)
  const problem =
    startProblem(info) ??
    importProblem(info, abi, rules.allowedImports ?? HOST_FUNCTIONS) ??
    memoryProblem(info) ??
    tableProblem(info) ??
    exportProblem(info, abi, rules.hooks)
  if (problem !== undefined) throw new GatewayError('GW_PLUGIN_INVALID', `${rules.what}: ${problem}`)
  return { abi, imports: info.imports, exports: info.exports, bytes: clampMemory(bytes, rules.maxPages, info) }
}

/** A start function would run while the module is linked, before any deadline can be watched. */
function startProblem(info: ModuleInfo): string | undefined {
  return info.hasStart ? 'has a start section; build with --exportStart _initialize' : undefined
}

function memoryProblem(info: ModuleInfo): string | undefined {
  return info.memories.length === 1
    ? undefined
    : 'has no memory; a plugin defines exactly one and exports it as "memory"'
}

/** table.grow takes host memory that the clamp of the linear memory does not reach. */
function tableProblem(info: ModuleInfo): string | undefined {
  const most = info.tables.reduce((sum, table) => sum + (table.max ?? Number.POSITIVE_INFINITY), 0)
  if (!info.growsTable || most <= CAPS.tableElements) return undefined
  return `uses table.grow, and its tables can grow to ${most === Number.POSITIVE_INFINITY ? 'any size' : most}; expected maximums of at most ${CAPS.tableElements} together`
}
