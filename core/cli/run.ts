import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { GatewayError } from '../base/errors.js'
import { PACKAGE_ROOT } from '../base/paths.js'

const HELP = `sluice: a gateway whose policies are sandboxed WebAssembly plugins

  sluice serve -c sluice.yaml     check the configuration and serve it; SIGHUP reloads, SIGTERM drains
  sluice check -c sluice.yaml     say everything that is wrong with it; opens no port
  sluice plugin new NAME          a policy of your own, in a new folder
  sluice plugin build [DIR...]    compile it
  sluice plugin test [DIR...]     play its cases in the real host
  sluice plugin bench [DIR]       measure its hooks
  sluice plugin check [DIR...]    look at it as a host and an operator will
  sluice plugin pack [DIR]        an archive to hand on
  sluice plugin replay FILE...    make the plugin calls of a recorded exchange again and compare
  sluice plugins list             plugins that are built in, installed or in a catalog
  sluice plugins search TEXT      those of which name, kind, hooks or description have it
  sluice plugins info ID          all about one, its permissions in words
  sluice plugins install ID       fetch, check, ask, install; ID@VERSION for a certain one
  sluice plugins remove ID        take it out again
  sluice plugins catalog FOLDER   make the catalog of the plugins in a folder
  sluice models                   AI models the gateway knows, with window and price
  sluice prompts list             prompts with their versions, which are published, which labels lead to them
  sluice prompts show NAME        all versions of one, or VERSION behind it
  sluice prompts diff NAME A B    what differs between two versions
  sluice prompts publish NAME     note its versions (or VERSION... behind it): from then on they cannot change
  sluice reference                the configuration reference, as Markdown
  sluice mock                     a provider to try with: OpenAI's, Anthropic's and others' APIs on this machine

  --provider, --search TEXT       models of one provider, or with these words (models)
  --can tools,vision,…            models known to be able to (models)
  --json          all there is to say of them (models)
  --catalog PLACE a folder or address instead of the catalogs of the configuration (plugins)
  --yes           do not ask (plugins install)
  -o, --output    where to write (plugins catalog); --check says whether it is current
  -h, --help      this text; "sluice plugin test --help" is about that command
  -v, --version   the version

Exit codes: 0 done, 1 something is wrong (said on standard error) or a replay differs, 2 the command line or a file is not understood.
`

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  catalog: { type: 'string', multiple: true },
  yes: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  provider: { type: 'string' },
  search: { type: 'string' },
  can: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  write: { type: 'boolean' },
  check: { type: 'boolean' }
} as const

/** The `sluice` command. What a command needs is loaded when it is called. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'plugin') return await plugin(args.slice(1)) // its commands have options of their own
  if (args[0] === 'mock') return await (await import('./mock/command.js')).mockCommand(args.slice(1)) // and so has this
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (thrown) {
    return misused(thrown instanceof Error ? thrown.message : String(thrown))
  }
  const { values, positionals } = parsed
  const [command, ...rest] = positionals
  if (values.version === true) return print(`sluice ${version()}\n`)
  if (values.help === true || command === undefined) return print(HELP)
  try {
    switch (command) {
      case 'serve':
        return await withConfig(values.config, (await import('./serve/serve.js')).serve)
      case 'check':
        return await withConfig(values.config, (await import('./check.js')).check)
      case 'plugins':
        return await (await import('./plugins/command.js')).pluginsCommand(rest, {
          ...values,
          catalogs: values.catalog
        })
      case 'models':
        return (await import('./models/command.js')).modelsCommand(rest, values)
      case 'prompts':
        return (await import('./prompts/command.js')).promptsOf(rest, values.config)
      case 'reference':
        return (await import('./reference.js')).reference({
          write: values.write === true,
          check: values.check === true
        })
      default:
        return misused(`there is no command "${command}"`)
    }
  } catch (thrown) {
    return failed(thrown)
  }
}

async function plugin(args: readonly string[]): Promise<number> {
  try {
    return await (await import('./plugin/command.js')).pluginCommand(args)
  } catch (thrown) {
    return failed(thrown)
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
}

function withConfig(file: string | undefined, command: (file: string) => Promise<number>): Promise<number> | number {
  return file === undefined ? misused('say which configuration: -c sluice.yaml') : command(file)
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function misused(message: string): number {
  process.stderr.write(`sluice: ${message}\nTry: sluice --help\n`)
  return 2
}

/** What an operator did wrong is said in a line; only our own mistakes show a stack. */
function failed(thrown: unknown): number {
  if (thrown instanceof GatewayError) process.stderr.write(`${thrown.message}\n`)
  else process.stderr.write(`sluice: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
  return 1
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))
  const found: unknown =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
  return String(found)
}
