import { PACKAGE_ROOT } from '../base/paths.js'
import { configReference, writeReference } from '../config/reference.js'
import { caseJsonSchema } from './plugin/case-schema.js'

/** `sluice reference`: prints the configuration reference; with --write or --check, for the generated files of this repository. */
export function reference({ write, check }: { readonly write: boolean; readonly check: boolean }): number {
  if (!write && !check) {
    process.stdout.write(configReference())
    return 0
  }
  const more = { 'core/config/gen/case.schema.json': `${JSON.stringify(caseJsonSchema(), undefined, 2)}\n` }
  const stale = writeReference(PACKAGE_ROOT, { check, more })
  if (!check || stale.length === 0) return 0
  process.stderr.write(`not current, run npm run gen: ${stale.join(', ')}\n`)
  return 1
}
