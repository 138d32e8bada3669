import { relative } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { buildPlugins, hasSources } from './build.js'
import { COMMAND_HELP, COMMANDS, type Command, PLUGIN_HELP } from './help.js'
import { newPlugin } from './new.js'

const HELP = { help: { type: 'boolean', short: 'h' } } as const

const OPTIONS = {
  new: HELP,
  build: { ...HELP, force: { type: 'boolean' } },
  test: { ...HELP, watch: { type: 'boolean' }, snapshot: { type: 'boolean' }, update: { type: 'boolean' } },
  bench: { ...HELP, json: { type: 'boolean' }, calls: { type: 'string' } },
  check: HELP,
  pack: { ...HELP, output: { type: 'string', short: 'o' } },
  replay: { ...HELP, plugin: { type: 'string', multiple: true }, json: { type: 'boolean' } }
} as const

/** The command line is not understood. */
class Misuse extends Error {}

/**
 * `sluice plugin …`. What a command needs is loaded when it is called.
 * @returns the exit code
 * @throws GatewayError GW_PLUGIN_INVALID, GW_PLUGIN_FAILED
 */
export async function pluginCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h') return print(PLUGIN_HELP)
  const command = COMMANDS.find(each => each === name)
  try {
    if (command === undefined) throw new Misuse(`there is no command "${name}"; expected ${COMMANDS.join(', ')}`)
    return await run(command, rest)
  } catch (thrown) {
    if (!(thrown instanceof Misuse)) throw thrown
    process.stderr.write(`sluice: plugin ${command ?? ''}${command ? ': ' : ''}${thrown.message}\n`)
    process.stderr.write(`Try: sluice plugin ${command ? `${command} ` : ''}--help\n`)
    return 2
  }
}

function run(command: Command, args: readonly string[]): Promise<number> | number {
  const { values, positionals } = parse(command, args)
  if (values.help) return print(COMMAND_HELP[command])
  const folders = positionals.length > 0 ? positionals : ['.']
  switch (command) {
    case 'new':
      return create(only(positionals, 'the name of the plugin: sluice plugin new my-policy'))
    case 'build':
      return build(folders, values.force)
    case 'test':
      return test(folders, values)
    case 'bench':
      return bench(only(folders, 'one folder'), values.calls, values.json)
    case 'check':
      return check(folders)
    case 'pack':
      return pack(only(folders, 'one folder'), values.output)
    case 'replay':
      return replay(positionals, values.plugin, values.json)
  }
}

interface Values {
  readonly help: boolean
  readonly force: boolean
  readonly watch: boolean
  readonly snapshot: boolean
  readonly update: boolean
  readonly json: boolean
  readonly calls: string | undefined
  readonly output: string | undefined
  readonly plugin: readonly string[]
}

function parse(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = OPTIONS[command]
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    const flag = (name: string): boolean => values[name] === true
    const text = (name: string): string | undefined => {
      const value = values[name]
      return typeof value === 'string' ? value : undefined
    }
    return {
      values: {
        help: flag('help'),
        force: flag('force'),
        watch: flag('watch'),
        snapshot: flag('snapshot'),
        update: flag('update'),
        json: flag('json'),
        calls: text('calls'),
        output: text('output'),
        plugin: [values.plugin ?? []].flat().filter(value => typeof value === 'string')
      },
      positionals
    }
  } catch (thrown) {
    throw new Misuse(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** The one argument there must be. */
function only(args: readonly string[], what: string): string {
  const [one, ...more] = args
  if (one === undefined || more.length > 0) throw new Misuse(`say ${what}`)
  return one
}

function create(name: string): number {
  newPlugin(name, process.cwd())
  return print(
    `${name}: created. Next:\n  npm install --prefix ${name}      # the compiler\n  npx sluice plugin build ${name}\n  npx sluice plugin test ${name}\n`
  )
}

async function replay(files: readonly string[], plugin: readonly string[], json: boolean): Promise<number> {
  if (files.length === 0) throw new Misuse('say which recording: sluice plugin replay FILE')
  return (await import('./replay/command.js')).replay(files, { plugin, json })
}

async function build(folders: readonly string[], force: boolean): Promise<number> {
  const own: string[] = []
  for (const folder of folders) {
    if (await hasSources(folder)) own.push(folder)
    else print(`${folder}: nothing to build, it has a module and no folder assembly\n`)
  }
  await buildPlugins(own, { force })
  return 0
}

async function test(
  folders: readonly string[],
  { watch, snapshot, update }: Pick<Values, 'watch' | 'snapshot' | 'update'>
): Promise<number> {
  if (snapshot && update) throw new Misuse('--snapshot or --update, not both')
  const mode = update ? 'all' : snapshot ? 'missing' : undefined
  if (!watch) return (await import('./print-test.js')).testFolders(folders, mode)
  return (await import('./print-test.js')).testOnChange(only(folders, 'one folder with --watch'), mode)
}

async function bench(folder: string, calls = '5000', json = false): Promise<number> {
  const count = /^[1-9][0-9]{0,6}$/.test(calls) ? Number(calls) : undefined
  if (count === undefined) throw new Misuse(`--calls is "${calls}", expected a whole number from 1 to 9999999`)
  process.removeAllListeners('warning') // that node:wasi, which Extism imports, is experimental helps nobody here
  const report = await (await import('./bench.js')).benchPlugin(folder, count)
  return print(json ? `${JSON.stringify(report)}\n` : (await import('./print-bench.js')).benchTable(report))
}

async function check(folders: readonly string[]): Promise<number> {
  const { printCheck } = await import('./print-check.js')
  let errors = 0
  for (const folder of folders) errors += await printCheck(folder)
  return errors === 0 ? 0 : 1
}

/** An archive is made of what was built, found in order and tested: nothing else is worth handing on. */
async function pack(folder: string, output: string | undefined): Promise<number> {
  if (await hasSources(folder)) await buildPlugins([folder])
  if ((await check([folder])) !== 0) return 1
  if ((await test([folder], { watch: false, snapshot: false, update: false })) !== 0) return 1
  const packed = await (await import('./pack.js')).packPlugin(folder, output)
  const size = `${(packed.bytes / 1024).toFixed(1)} KiB, ${packed.names.length} files`
  return print(
    `${relative('', packed.file)}: ${size}\nsha256 of the module   ${packed.wasmSha256}\nsha256 of the archive  ${packed.archiveSha256}\n`
  )
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
