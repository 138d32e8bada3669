import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { GatewayError } from '../../base/errors.js'
import { Manifest } from '../../base/manifest.js'

const validator = Compile(Manifest)

/**
 * The manifest in a plugin's folder.
 * @throws GatewayError GW_PLUGIN_INVALID naming the file and each field that is wrong
 */
export function readManifest(dir: string): Manifest {
  const file = join(dir, 'plugin.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new GatewayError('GW_PLUGIN_INVALID', `${file}: there is no manifest (is this a plugin's folder?)`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('GW_PLUGIN_INVALID', `${file}: not JSON: ${reason}`, { cause })
  }
  if (validator.Check(value)) return value
  const errors = validator.Errors(value).map(each => `${each.instancePath || '/'} ${each.message}`)
  throw new GatewayError('GW_PLUGIN_INVALID', `${file}: ${errors.join('; ')}`)
}
