import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import type { Manifest } from '../../core/base/manifest.js'
import type { Case } from '../../core/cli/plugin/case.js'

/** An author's plugin, in a folder of its own outside of the repository. */
export interface Authored {
  readonly source?: string
  readonly manifest?: Partial<Manifest>
  readonly cases?: Readonly<Record<string, Case>>
  /** More files, by their path. */
  readonly files?: Readonly<Record<string, string>>
}

const SOURCE = 'export function on_request(ptr: i32, len: i32): i32 { return 0 }'

/** What every plugin begins with. */
export const IMPORTS = `
export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'
`

/** Writes the plugin "gate"; returns its folder, which goes with the test. */
export function author(t: Test, { source = SOURCE, manifest = {}, cases = {}, files = {} }: Authored): string {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-author-')))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'gate')
  const base = { name: 'gate', version: '1.2.3', abi: 1, kind: 'auth', description: 'A gate.', hooks: ['on_request'] }
  const all: Record<string, string> = {
    'assembly/index.ts': IMPORTS + source,
    'plugin.json': JSON.stringify({ ...base, ...manifest }),
    ...Object.fromEntries(Object.entries(cases).map(([name, each]) => [`cases/${name}.json`, JSON.stringify(each)])),
    ...files
  }
  for (const [name, text] of Object.entries(all)) put(folder, name, text)
  return folder
}

export function put(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}
