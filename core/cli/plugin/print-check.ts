import { relative } from 'node:path'
import { isUpToDate, STALE } from './build.js'
import { checkPlugin } from './check-plugin.js'

/** Checks a plugin and prints what was found: errors on standard error. @returns how many errors there are */
export async function printCheck(folder: string): Promise<number> {
  const { plugin, errors, warnings, facts } = await checkPlugin(folder)
  const stale = (await isUpToDate(folder)) ? [] : [STALE]
  for (const error of errors) process.stderr.write(`error    ${plugin}: ${error}\n`)
  const all = [...stale, ...warnings]
  for (const warning of all) process.stdout.write(`warning  ${plugin}: ${warning}\n`)
  for (const fact of facts) process.stdout.write(`         ${fact}\n`)
  const counts = `${count(errors.length, 'error')}, ${count(all.length, 'warning')}`
  process.stdout.write(`${plugin} (${relative('', folder) || '.'}): ${counts}\n`)
  return errors.length
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
