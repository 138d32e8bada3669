import { basename } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { buildPlugins } from './build.js'
import { newPlugin } from './new.js'
import { testPlugin } from './test.js'

/** `sluice plugin new|build|test`. @throws GatewayError GW_PLUGIN_INVALID */
export async function pluginCommand(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  const folders = rest.length > 0 ? rest : ['.']
  switch (command) {
    case 'new':
      return create(rest)
    case 'build':
      await buildPlugins(folders)
      return 0
    case 'test':
      return play(folders)
    default:
      process.stderr.write(`sluice: plugin ${command ?? ''}: expected new, build or test\n`)
      return 2
  }
}

function create(names: readonly string[]): number {
  const [name] = names
  if (name === undefined)
    throw new GatewayError('GW_PLUGIN_INVALID', 'say the name of the plugin: sluice plugin new my-policy')
  newPlugin(name, process.cwd())
  process.stdout.write(
    `${name}: created. Next:\n  npm install --prefix ${name}      # the compiler\n  npx sluice plugin build ${name}\n  npx sluice plugin test ${name}\n`
  )
  return 0
}

async function play(folders: readonly string[]): Promise<number> {
  let failed = 0
  for (const folder of folders) {
    const results = await testPlugin(folder)
    for (const { name, problems } of results) {
      process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${basename(folder)}: ${name}\n`)
      for (const problem of problems) process.stdout.write(`       ${problem}\n`)
      if (problems.length > 0) failed++
    }
    process.stdout.write(`${results.length - failed} of ${results.length} cases pass\n`)
    if (results.length === 0) failed++ // a policy without a case is not tested
  }
  return failed === 0 ? 0 : 1
}
