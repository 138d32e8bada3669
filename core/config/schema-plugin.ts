import Type, { type Static } from 'typebox'
import { Limits, Permissions } from '../base/manifest.js'

/** What an operator caps: the lower of this and what the manifest asks for counts. */
export const PluginLimits = Type.Object(Limits.properties, {
  additionalProperties: false,
  description: 'The most a call may use. The lower of this and the plugin’s manifest counts.'
})

/** A plugin an operator installs, or a narrower grant for a built-in one. */
export const PluginEntry = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The folder with plugin.json, relative to this file. Left out: the built-in plugin of that name.'
      })
    ),
    grant: Type.Optional(
      Type.Union([Type.Literal('asked'), Permissions], {
        description:
          'What the plugin may see and do. "asked": all its manifest asks for. Left out: nothing, or, without a path, "asked".'
      })
    ),
    limits: Type.Optional(PluginLimits)
  },
  { additionalProperties: false, description: 'One plugin.' }
)
export type PluginEntry = Static<typeof PluginEntry>
