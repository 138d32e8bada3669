import { pathsUsed, settingsOf } from './settings-paths.js'
import type { Staged } from './stage.js'

/** What of the manifest no case touches: hooks that are never called, settings that are never given. */
export function coverage({ files, performances }: Staged): string[] {
  const { hooks, settings } = files.manifest
  const called = new Set<string>(performances.flatMap(each => each.witness.seen.map(seen => seen.called)))
  if (performances.some(each => each.binding !== undefined)) called.add('on_configure')
  const used = new Set(performances.flatMap(({ file }) => pathsUsed(settings, file.case.settings ?? {})))
  const unused = settingsOf(settings).flatMap(({ path }) => (used.has(path) ? [] : path))
  return [
    ...hooks.filter(hook => !called.has(hook)).map(hook => `no case calls the hook ${hook}`),
    ...(unused.length === 0 ? [] : [`no case uses the setting${unused.length === 1 ? '' : 's'} ${unused.join(', ')}`])
  ]
}
