import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { CATALOG_FILE } from '../../plugin-host/catalog/format.js'
import { makeCatalog } from '../../plugin-host/catalog/make.js'

/**
 * `sluice plugins catalog FOLDER`: writes the catalog of the plugins in a folder; with `check` says whether it is
 * current instead.
 * @throws GatewayError GW_CATALOG_INVALID, GW_PLUGIN_INVALID
 */
export async function catalog(folder: string, output: string | undefined, check: boolean): Promise<number> {
  const file = output ?? join(folder, CATALOG_FILE)
  const text = await makeCatalog(folder, resolve(file))
  const now = textOf(file)
  if (check) {
    if (now === text) return 0
    const what = now === undefined ? 'is not there' : 'is not current'
    throw new GatewayError('GW_CATALOG_INVALID', `${file} ${what}; run: sluice plugins catalog ${folder}`)
  }
  if (now !== text) {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
  process.stdout.write(
    `${file}: ${JSON.parse(text).plugins.length} plugins, ${now === text ? 'up to date' : 'written'}\n`
  )
  return 0
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
