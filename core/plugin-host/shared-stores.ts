import type { Binding } from './binding.js'
import { capacityOf, storeMemory } from './shared-store.js'

/**
 * The memory of keys and values for each namespace whose bindings have the permission, by namespace: of `known` what has the right
 * size, new ones for the others. A plugin's bindings share one, of the smallest size that any of them may use.
 */
export function storesFor(
  bindings: readonly Binding[],
  known: ReadonlyMap<string, SharedArrayBuffer> = new Map()
): ReadonlyMap<string, SharedArrayBuffer> {
  const sizes = new Map<string, number>()
  for (const { namespace, grants, limits } of bindings) {
    if (grants.kv) sizes.set(namespace, Math.min(limits.kvBytes, sizes.get(namespace) ?? limits.kvBytes))
  }
  const stores = new Map<string, SharedArrayBuffer>()
  for (const [namespace, bytes] of sizes) {
    const memory = known.get(namespace)
    const fits = memory !== undefined && capacityOf(memory) <= bytes && capacityOf(memory) > bytes - 128
    stores.set(namespace, fits ? memory : storeMemory(bytes))
  }
  return stores
}
