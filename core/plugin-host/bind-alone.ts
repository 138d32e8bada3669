import { DEFAULT_LIMITS, type Manifest } from '../base/manifest.js'
import { type Binding, fromManifest } from './binding.js'
import { hooksFor } from './hooks.js'
import { grants } from './permissions.js'

// Without an import of instance.ts: who only binds need not load Extism.

/** What differs from binding to binding where there is no configuration. */
export type Alone = Pick<Binding, 'abi'> & Partial<Pick<Binding, 'index' | 'where' | 'namespace' | 'script'>>

/**
 * A binding without a configuration around it, for cases, benches and tests: it is granted all that its manifest asks for.
 * @param settings - with their defaults
 */
export function bindAlone(manifest: Manifest, settings: unknown, alone: Alone): Binding {
  return {
    index: 0,
    where: manifest.name,
    namespace: manifest.name,
    ...alone,
    plugin: manifest.name,
    module: 0,
    ...fromManifest(manifest),
    hooks: hooksFor(manifest, settings),
    settings: JSON.stringify(settings),
    grants: grants(manifest.permissions ?? {}, 'asked', settings),
    limits: { ...DEFAULT_LIMITS, ...manifest.limits },
    metrics: manifest.metrics,
    failure: 'closed'
  }
}
