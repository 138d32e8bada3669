import { catalog } from './catalog.js'
import { type PluginsOptions, pluginsContext } from './context.js'
import { info } from './info.js'
import { install } from './install.js'
import { list } from './list.js'
import { remove } from './remove.js'

export interface CommandOptions extends PluginsOptions {
  readonly output?: string | undefined
  readonly check?: boolean | undefined
}

/** What follows each command; the same text is in --help. */
const USAGE = {
  list: '',
  search: 'TEXT',
  info: 'ID[@VERSION]',
  install: 'ID[@VERSION]',
  remove: 'ID',
  catalog: 'FOLDER'
} as const

/** `sluice plugins …`. @throws GatewayError, ConfigError */
export async function pluginsCommand(args: readonly string[], options: CommandOptions): Promise<number> {
  const [command = '', argument, ...more] = args
  if (!isCommand(command)) return misused(`plugins ${command}: expected one of ${Object.keys(USAGE).join(', ')}`)
  if (command === 'list') {
    return argument === undefined ? list(pluginsContext(options)) : misused('plugins list: expected nothing after it')
  }
  // A search may be of several words, with or without quotes.
  if (argument === undefined || (more.length > 0 && command !== 'search')) {
    return misused(`plugins ${command}: expected ${USAGE[command]}`)
  }
  switch (command) {
    case 'search':
      return list(pluginsContext(options), [argument, ...more].join(' '))
    case 'info':
      return info(pluginsContext(options), argument)
    case 'install':
      return install(pluginsContext(options), argument, options.yes === true)
    case 'remove':
      return remove(pluginsContext(options), argument)
    case 'catalog':
      return catalog(argument, options.output, options.check === true)
  }
}

function isCommand(text: string): text is keyof typeof USAGE {
  return Object.hasOwn(USAGE, text)
}

function misused(message: string): number {
  process.stderr.write(`sluice: ${message}\nTry: sluice --help\n`)
  return 2
}
