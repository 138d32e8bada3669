import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Sluice's own package folder: this file runs as build/core/cli/plugin/package-dir.js. */
export const PACKAGE_DIR = fileURLToPath(new URL('../../../../', import.meta.url))

/** The plugin SDK that comes with this Sluice. */
export const SDK_DIR = join(PACKAGE_DIR, 'plugin-sdk')
