import { join, resolve } from 'node:path'
import { keysAt, listAt, textAt } from './json.js'
import { type Path, showPath } from './problems.js'

/** Where plugins are installed from and to; paths are absolute. */
export interface PluginPlaces {
  readonly folder: string
  readonly pluginsDir: string
  readonly lock: {
    readonly file: string
    /** The configuration names it, so there must be one. */
    readonly required: boolean
  }
  /** As written: addresses, and folders relative to `folder`. */
  readonly catalogs: readonly string[]
}

/** A place of the configuration where a plugin is named. */
export interface PluginUse {
  readonly plugin: string
  readonly path: string
}

/** The places of a configuration in `folder`. The value may be anything: what is not as it should be is as if left out. */
export function pluginPlaces(value: unknown, folder: string): PluginPlaces {
  const named = textAt(value, ['pluginsLock'])
  return {
    folder,
    pluginsDir: resolve(folder, textAt(value, ['pluginsDir']) ?? 'plugins'),
    lock: {
      file: named === undefined ? join(folder, 'plugins.lock') : resolve(folder, named),
      required: named !== undefined
    },
    catalogs: listAt(value, ['catalogs']).filter(item => typeof item === 'string')
  }
}

/** Everywhere a configuration names a plugin. */
export function pluginUses(value: unknown): PluginUse[] {
  const entries = keysAt(value, ['plugins']).map(plugin => ({ plugin, path: showPath(['plugins', plugin]) }))
  const policies = listAt(value, ['routes']).flatMap((_, r) =>
    listAt(value, ['routes', r, 'policies']).flatMap((_, p) => {
      const path: Path = ['routes', r, 'policies', p]
      const plugin = textAt(value, [...path, 'plugin'])
      return plugin === undefined ? [] : [{ plugin, path: showPath(path) }]
    })
  )
  return [...entries, ...policies]
}

/** Whether a path, as it is shown, is that of a place. */
export function isPlace(path: string): boolean {
  return /^(pluginsDir|pluginsLock|catalogs)\b/.test(path)
}
