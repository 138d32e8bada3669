import { watch } from 'node:fs'
import { sep } from 'node:path'

/** What a test depends on; what a build writes is not among it. */
const SOURCES = /^(assembly|cases)\/.*\.(ts|json)$|^plugin\.json$/
/** An editor writes a file in several steps. */
const SETTLE_MS = 100

/** Calls `run` now, and again after each change of a plugin's sources in `folder`, one run at a time. Never ends. */
export async function watchFolder(folder: string, run: () => Promise<void>): Promise<never> {
  let changed: () => void = () => undefined
  let change = new Promise<void>(resolve => {
    changed = resolve
  })
  watch(folder, { recursive: true }, (_event, name) => {
    if (name !== null && SOURCES.test(name.split(sep).join('/'))) changed()
  })
  for (;;) {
    await run()
    await change
    await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
    change = new Promise<void>(resolve => {
      changed = resolve
    })
  }
}
