import { Value } from 'typebox/value'
import { type Hook, isPhaseHook } from '../base/hooks.js'
import type { Manifest } from '../base/manifest.js'

/** The hooks in which a binding with these settings takes part: those of the manifest whose condition holds. */
export function hooksFor(manifest: Manifest, settings: unknown): Hook[] {
  const { hooks, when = {} } = manifest
  return hooks.filter(hook => {
    const condition = isPhaseHook(hook) ? when[hook] : undefined
    return condition === undefined || Value.Check(condition, settings)
  })
}
