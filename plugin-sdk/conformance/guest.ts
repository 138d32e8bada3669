import { readFile } from 'node:fs/promises'
import { HOOKS } from '../../core/base/hooks.js'
import { DEFAULT_LIMITS, type Permissions } from '../../core/base/manifest.js'
import { fromManifest } from '../../core/plugin-host/binding.js'
import { PluginInstance } from '../../core/plugin-host/instance.js'
import { checkModule } from '../../core/plugin-host/module/check.js'
import { grants } from '../../core/plugin-host/permissions.js'
import { type HostCall, hostCall } from './calls.js'

/** Everything a guest can ask for: what a host function needs belongs here. */
const PERMISSIONS: Permissions = {
  requestHeaders: { read: ['*'], write: ['*'] },
  responseHeaders: { read: ['*'], write: ['*'] },
  requestBody: 'write',
  responseBody: 'write',
  rewrite: true,
  route: true,
  consumer: true,
  log: true,
  counters: true
}

/** What a guest saw is told in its verdict, which is as large as the input then. */
const LIMITS = { ...DEFAULT_LIMITS, memoryPages: 512, outputBytes: 1 << 24 }
const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** A guest that the host's own check has passed. */
export interface Guest {
  readonly module: WebAssembly.Module
  readonly abi: 'direct' | 'extism'
  /** The hooks it exports. */
  readonly hooks: readonly string[]
}

/** An instance of it in the host, and what it did. */
export interface Running {
  /** Hands over the input as it is and returns a copy of what the guest answered. Rejects when the guest traps. */
  call(hook: string, input: Uint8Array): Promise<Uint8Array>
  /** Calls of functions of the module "sluice" since this was asked for last. */
  takeCalls(): HostCall[]
  /** Log lines since this was asked for last: level and text. */
  takeLog(): string[][]
}

/** @throws GatewayError GW_PLUGIN_INVALID saying what is wrong with the module */
export async function loadGuest(file: string): Promise<Guest> {
  const bytes = await readFile(file)
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes))
  const hooks = exported.map(({ name }) => name).filter(name => /^on_[a-z_]+$/.test(name))
  const { abi, bytes: clamped } = checkModule(bytes, { what: file, hooks, maxPages: LIMITS.memoryPages })
  return { module: await WebAssembly.compile(clamped), abi, hooks }
}

/** A new instance with these settings; on_configure is the caller's to call. */
export async function start({ module, abi, hooks }: Guest, settings: object): Promise<Running> {
  let lines: string[][] = []
  let calls: HostCall[] = []
  const record = (call: HostCall) => {
    calls.push(call)
  }
  const binding = {
    index: 0,
    where: 'conformance',
    plugin: 'conformance',
    namespace: 'conformance',
    ...fromManifest({}),
    module: 0,
    abi,
    hooks: HOOKS.filter(hook => hooks.includes(hook)),
    settings: JSON.stringify(settings),
    grants: grants(PERMISSIONS, 'asked', settings),
    limits: LIMITS,
    failure: 'closed'
  } as const
  const log = (level: number, text: string) => {
    lines.push([LEVELS[level] ?? String(level), text])
  }
  const instance = await recording(record, () => PluginInstance.create(binding, module, log))
  await addHooks(instance, hooks)
  return {
    call: async (hook, input) => {
      // By way of Reflect: the hook may be one that this host does not know.
      const output: unknown = await Reflect.apply(instance.call, instance, [hook, input])
      return output instanceof Uint8Array ? Uint8Array.from(output) : new Uint8Array(0)
    },
    takeCalls: () => {
      const taken = calls
      calls = []
      return taken
    },
    takeLog: () => {
      const taken = lines
      lines = []
      return taken
    }
  }
}

/** Makes an instance whose calls of the host are told to `record`: the imports pass by here when it is linked. */
async function recording<T>(record: (call: HostCall) => void, create: () => Promise<T>): Promise<T> {
  const { instantiate } = WebAssembly
  const patched = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    let memory: unknown
    const bytes = () => (memory instanceof WebAssembly.Memory ? Buffer.from(memory.buffer) : Buffer.alloc(0))
    const sluice = Object.entries(imports.sluice ?? {}).map(([name, run]) => {
      if (typeof run !== 'function') return [name, run] as const
      const recorded = (...given: number[]) => {
        record(hostCall(name, given, bytes()))
        return run(...given)
      }
      return [name, recorded] as const
    })
    const instance = await instantiate(module, { ...imports, sluice: Object.fromEntries(sluice) })
    memory ??= instance.exports.memory
    return instance
  }
  Reflect.set(WebAssembly, 'instantiate', patched)
  try {
    return await create()
  } finally {
    Reflect.set(WebAssembly, 'instantiate', instantiate)
  }
}

/** The contract may have hooks that this host does not call yet. They are called the way it calls the others. */
async function addHooks(instance: PluginInstance, hooks: readonly string[]): Promise<void> {
  const known: unknown = Reflect.get(Reflect.get(instance, 'direct') ?? {}, 'hooks')
  if (!(known instanceof Map)) return
  const { exports } = await Reflect.get(instance, 'plugin').getInstance()
  for (const hook of hooks) {
    if (!known.has(hook)) known.set(hook, (ptr: number, length: number) => exports[hook](ptr, length))
  }
}
