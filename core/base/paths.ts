import { fileURLToPath } from 'node:url'

/** The folder of the installed package: this file is build/core/base/paths.js in it. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Where the built-in plugins are, one folder each. */
export const BUILTIN_PLUGINS = fileURLToPath(new URL('../../../plugins/', import.meta.url))

/** Where the plugin SDK is. */
export const PLUGIN_SDK = fileURLToPath(new URL('../../../plugin-sdk/', import.meta.url))
