import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { PACKAGE_ROOT, PLUGIN_SDK } from '../../base/paths.js'

const NAME = /^[a-z][a-z0-9-]{0,62}$/

/** Names the command or npm already mean something else by. */
const TAKEN = ['node_modules', 'sluice', 'build', 'assembly']

/**
 * Makes the folder of a new plugin, with a policy that works and cases that pass; returns the folder.
 * @throws GatewayError GW_PLUGIN_INVALID when the name is no good or the folder is there already
 */
export function newPlugin(name: string, parentDir: string): string {
  if (!NAME.test(name) || TAKEN.includes(name)) {
    const rule = 'lower-case letters, digits and "-", beginning with a letter, 63 at most'
    throw new GatewayError('GW_PLUGIN_INVALID', `"${name}" cannot be the name of a plugin: ${rule}, and not ${TAKEN}`)
  }
  const dir = resolve(parentDir, name)
  if (existsSync(dir)) throw new GatewayError('GW_PLUGIN_INVALID', `${dir} is there already: choose another name`)

  mkdirSync(resolve(parentDir), { recursive: true })
  cpSync(join(PLUGIN_SDK, 'template'), dir, { recursive: true })
  // npm never packs a file called .gitignore, so the template has it under another name.
  renameSync(join(dir, 'gitignore'), join(dir, '.gitignore'))
  const compiler = compilerVersion()
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(json|md|ts)$/.test(file)) continue
    const path = join(dir, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('__NAME__', name).replaceAll('__ASSEMBLYSCRIPT__', compiler))
  }
  return dir
}

function compilerVersion(): string {
  const own = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))
  return String(own.peerDependencies.assemblyscript)
}
