import { type EventEmitter, once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { GatewayError } from '../../core/base/errors.js'
import { HOOKS, type Hook, type InputField, type PhaseHook } from '../../core/base/hooks.js'
import { DEFAULT_LIMITS, type Limits, type Permissions } from '../../core/base/manifest.js'
import { Verdict } from '../../core/plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry } from '../../core/plugin-host/arena.js'
import { type Binding, fromManifest } from '../../core/plugin-host/binding.js'
import { decodeFault, type PluginFault } from '../../core/plugin-host/fault.js'
import { checkModule } from '../../core/plugin-host/module/check.js'
import { grants } from '../../core/plugin-host/permissions.js'
import { PluginPool } from '../../core/plugin-host/pool.js'
import type { Slot } from '../../core/plugin-host/slot.js'

/** A plugin to bind, the least that must be said about it. */
export interface Bound {
  readonly wasm: Uint8Array
  readonly permissions?: Permissions
  readonly limits?: Limits
  readonly failure?: 'open' | 'closed'
  readonly settings?: unknown
  readonly input?: InputField[]
  readonly isolation?: 'pooled' | 'per-request'
  readonly messages?: 'protobuf' | 'json'
}

/** Everything a plugin can ask for. */
export const ALL: Permissions = {
  requestHeaders: { read: ['*'], write: ['*'] },
  responseHeaders: { read: ['*'], write: ['*'] },
  requestBody: 'write',
  responseBody: 'write',
  rewrite: true,
  route: true,
  consumer: true,
  log: true,
  counters: true,
  store: true,
  bag: ['*'],
  kv: true
}

/** A binding as the gateway makes it, and its checked and compiled module. */
export async function bind(bound: Bound, index: number): Promise<{ binding: Binding; module: WebAssembly.Module }> {
  const limits = { ...DEFAULT_LIMITS, ...bound.limits }
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bound.wasm)).map(({ name }) => name)
  const hooks = HOOKS.filter((hook: Hook) => names.includes(hook))
  const checked = checkModule(bound.wasm, { what: `guest ${index}`, hooks, maxPages: limits.memoryPages })
  const settings = bound.settings ?? {}
  const binding: Binding = {
    index,
    where: `routes[0].policies[${index}]`,
    plugin: `guest-${index}`,
    ...fromManifest(bound),
    namespace: `guest-${index}`,
    module: index,
    abi: checked.abi,
    hooks,
    settings: JSON.stringify(settings),
    grants: grants(bound.permissions ?? ALL, 'asked', settings),
    limits,
    failure: bound.failure ?? 'closed'
  }
  return { binding, module: await WebAssembly.compile(checked.bytes) }
}

/** A pool with one binding for each of `bound`; it is closed with the test. */
export async function openPool(
  t: { teardown(end: () => unknown): void },
  bound: readonly (Bound | Uint8Array)[],
  options: Partial<ConstructorParameters<typeof PluginPool>[1]> = {}
): Promise<PluginPool> {
  const all = await Promise.all(
    bound.map((each, index) => bind(each instanceof Uint8Array ? { wasm: each } : each, index))
  )
  const plan = { bindings: all.map(({ binding }) => binding), modules: all.map(({ module }) => module) }
  const pool = new PluginPool(plan, { threads: 1, ...options })
  t.teardown(() => pool.close())
  return pool
}

/** A call of these bindings, each with the same input. */
export function callOf(
  bindings: readonly number[],
  input: Uint8Array | string = 'x',
  { hook = 'on_request', body = '' }: { hook?: PhaseHook; body?: Uint8Array | string } = {}
): CallInput {
  return { hook, steps: bindings.map(binding => ({ binding, input: Buffer.from(input) })), body: Buffer.from(body) }
}

export function verdicts(entries: readonly Entry[]): Verdict[] {
  return entries.filter(({ kind }) => kind === ENTRY.verdict).map(({ bytes }) => Verdict.decode(bytes))
}

export function faults(entries: readonly Entry[]): (PluginFault & { binding: number })[] {
  return entries
    .filter(({ kind }) => kind === ENTRY.fault)
    .map(({ bytes, binding }) => Object.assign(decodeFault(bytes), { binding }))
}

export function logs(entries: readonly Entry[]): string[] {
  return entries.filter(({ kind }) => kind === ENTRY.log).map(({ bytes }) => bytes.toString('utf8'))
}

/** The states the verdicts keep, as text: what guests written with `$keep` were given. */
export function kept(entries: readonly Entry[]): string[] {
  return verdicts(entries).map(({ state }) => Buffer.from(state ?? '').toString('utf8'))
}

/** The threads of the pool. */
export function threadsOf(pool: PluginPool): Worker[] {
  return (Reflect.get(pool, 'piscina') as { threads: Worker[] }).threads
}

/** The code a promise is rejected with; what it was resolved with when it was not. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((thrown: unknown) => (thrown instanceof GatewayError ? thrown.code : thrown))
}

/** Resolves when the pool's first thread runs this step of a call that was just made. */
export async function begun(pool: PluginPool, step = 0): Promise<void> {
  const [slot] = Reflect.get(pool, 'slots') as Slot[]
  do await new Promise(setImmediate)
  while (slot?.arena.position()?.making !== false || slot.arena.position()?.step !== step)
}

/** Resolves when a thread that was started later is ready. */
export function replaced(pool: PluginPool): Promise<unknown> {
  return once(Reflect.get(pool, 'piscina') as EventEmitter, 'workerCreate')
}
