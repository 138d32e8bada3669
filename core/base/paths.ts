import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = folderAbove(new URL('./', import.meta.url))

/** The folder of the installed package. */
export const PACKAGE_ROOT = fileURLToPath(root)

/** Where the built-in plugins are, one folder each. */
export const BUILTIN_PLUGINS = fileURLToPath(new URL('plugins/', root))

/** Where the plugin SDK is. */
export const PLUGIN_SDK = fileURLToPath(new URL('plugin-sdk/', root))

/** The package's folder above a file of it, which is compiled (build/core/base) or bundled (build/bin). */
function folderAbove(folder: URL): URL {
  for (let above = folder; above.pathname !== '/'; above = new URL('../', above)) {
    if (existsSync(new URL('package.json', above))) return above
  }
  throw new Error(`no package.json above ${fileURLToPath(folder)}`)
}
