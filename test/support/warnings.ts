import type { Test } from 'tap'

/** What Node warns of from now on until the test ends: listeners that pile up, for one. */
export function warningsFrom(t: Test): readonly Error[] {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  return warnings
}
