import type { Manifest } from '../../base/manifest.js'
import { HOST_FUNCTIONS, type HostFunctions } from '../../plugin-host/imports.js'
import { importHint } from './hints.js'
import { placeIn } from './places.js'

/**
 * What an author can get wrong though it compiles: hooks that are not exported, imports the host does not have.
 * @param folder - the plugin's, to say where in its sources
 */
export function checkModule(bytes: Uint8Array, manifest: Manifest, folder: string): string[] {
  const module = new WebAssembly.Module(bytes)
  const exported = new Set(WebAssembly.Module.exports(module).map(each => each.name))
  const problems = WebAssembly.Module.imports(module)
    .filter(each => !hostHas(each.module, each.name))
    .map(each => importHint(`${each.module}.${each.name}`, pattern => placeIn(folder, pattern)))
  for (const hook of manifest.hooks) {
    if (!exported.has(hook))
      problems.push(`plugin.json lists the hook ${hook}, but assembly/index.ts does not export it`)
  }
  for (const name of exported) {
    if (name.startsWith('on_') && !manifest.hooks.some(hook => hook === name)) {
      problems.push(`assembly/index.ts exports ${name}, but plugin.json does not list it in "hooks"`)
    }
  }
  if (!exported.has('sluice_abi') || !exported.has('sluice_alloc')) {
    problems.push(
      `assembly/index.ts must contain: export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'`
    )
  }
  return problems
}

function hostHas(module: string, name: string): boolean {
  const functions: HostFunctions = HOST_FUNCTIONS
  const found = Object.hasOwn(functions, module) ? functions[module] : undefined
  return found !== undefined && Object.hasOwn(found, name)
}
