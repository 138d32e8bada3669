import Type, { type Static } from 'typebox'
import { Limits, Permissions } from '../base/manifest.js'
import { CatalogText } from './values.js'

/** What an operator caps: the lower of this and what the manifest asks for counts. */
export const PluginLimits = Type.Object(Limits.properties, {
  additionalProperties: false,
  description: 'The most a call may use. The lower of this and the plugin’s manifest counts.'
})

/** A plugin in a folder, or a narrower grant for a built-in or installed one. */
export const PluginEntry = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The folder with plugin.json, relative to this file. Left out: the built-in or installed plugin of that name.'
      })
    ),
    grant: Type.Optional(
      Type.Union([Type.Literal('asked'), Permissions], {
        description:
          'What the plugin may see and do. "asked": all its manifest asks for. Left out: nothing, or, without a path, "asked". An installed plugin never gets more than its line in the lock file.'
      })
    ),
    limits: Type.Optional(PluginLimits)
  },
  { additionalProperties: false, description: 'One plugin.' }
)
export type PluginEntry = Static<typeof PluginEntry>

/** Where plugins are installed from and to: keys of the whole file. */
export const PluginPlaces = {
  pluginsDir: Type.String({
    minLength: 1,
    default: 'plugins',
    description: 'The folder of the installed plugins, relative to this file. `sluice plugins install` fills it.'
  }),
  pluginsLock: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'The lock file, relative to this file. Left out: plugins.lock beside it, if there is one. With a lock file, only plugins that are in it are loaded, besides the built-in ones.'
    })
  ),
  catalogs: Type.Array(CatalogText, {
    default: [],
    uniqueItems: true,
    description:
      'Folders, relative to this file, and addresses that `sluice plugins` takes plugins from. The first that has a plugin counts.'
  })
}
