import { removePlugin } from '../../plugin-host/catalog/install.js'
import type { PluginsContext } from './context.js'

/** `sluice plugins remove ID`. @throws GatewayError GW_CATALOG_INVALID when it is not installed */
export function remove(context: PluginsContext, id: string): number {
  const { version } = removePlugin(id, context)
  process.stdout.write(`${id} ${version} is removed\n`)
  const paths = context.uses.filter(use => use.plugin === id).map(({ path }) => path)
  if (paths.length > 0) process.stderr.write(`warning: ${context.config} still uses ${id}: ${paths.join(', ')}\n`)
  return 0
}
