import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { HOOKS } from '../../core/base/hooks.js'
import type { Manifest } from '../../core/base/manifest.js'
import type { CallInput } from '../../core/plugin-host/arena.js'
import { PluginPool } from '../../core/plugin-host/pool.js'
import { ALL } from './pool.js'

type Plugins = Readonly<Record<string, Uint8Array | (Partial<Manifest> & { readonly wasm: Uint8Array })>>

/**
 * Writes plugin folders, and says them as the section "plugins" of a configuration: each asks for everything and is granted
 * it, unless `grants` says otherwise (null: there is no "grant" in its entry).
 */
export function pluginFolders(
  t: Test,
  plugins: Plugins,
  grants: Readonly<Record<string, unknown>> = {}
): Record<string, { path: string; grant?: unknown }> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-plugins-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const entries = Object.entries(plugins).map(([name, given]) => {
    const { wasm, ...more } = given instanceof Uint8Array ? { wasm: given } : given
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(each => each.name)
    const manifest = {
      name,
      version: '1.0.0',
      abi: 1,
      kind: 'transform',
      description: 'A guest of the tests.',
      hooks: HOOKS.filter(hook => exported.includes(hook)),
      permissions: ALL,
      ...more
    }
    const path = join(root, name)
    mkdirSync(join(path, 'build'), { recursive: true })
    writeFileSync(join(path, 'plugin.json'), JSON.stringify(manifest))
    writeFileSync(join(path, 'build', `${name}.wasm`), wasm)
    const grant = name in grants ? grants[name] : 'asked'
    return [name, { path, ...(grant !== null && { grant }) }] as const
  })
  return Object.fromEntries(entries)
}

/** Every call that any pool gets from now on, until the test ends. */
export function callsSeen(t: Test): CallInput[] {
  const calls: CallInput[] = []
  const { run } = PluginPool.prototype
  PluginPool.prototype.run = function (call) {
    calls.push(call)
    return run.call(this, call)
  }
  t.teardown(() => {
    PluginPool.prototype.run = run
  })
  return calls
}
