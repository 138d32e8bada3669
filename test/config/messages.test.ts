import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { loadConfig } from '../../core/config/load.js'
import { ConfigError } from '../../core/config/problems.js'
import { FIXTURES, OPTIONS, SECRET } from './helpers.js'

// Golden: what is said about each configuration that cannot be used. After a change of wording, run this file with
// UPDATE_GOLDEN=1 and read the difference.

const names = readdirSync(FIXTURES).filter(name => name.endsWith('.yaml'))

t.test('there are configurations to say something about', async t => {
  t.ok(names.length >= 20)
})

for (const name of names) {
  t.test(`${name} is refused, saying everything that is wrong with it, each with its place`, async t => {
    const said = messages(`${FIXTURES}${name}`).replaceAll(FIXTURES, '')
    const golden = `${FIXTURES}${name.replace(/\.yaml$/, '.txt')}`
    if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, said)
    t.ok(existsSync(golden), 'the expected text is beside it')
    t.equal(said, readFileSync(golden, 'utf8'))
    t.notMatch(said, SECRET, 'a secret is not repeated')
    t.notMatch(said, /10\.9\.8|:hunter2/, 'nor a part of one')
  })
}

t.test('a file that is not there, or a folder, is refused by name', async t => {
  t.equal(messages('/no/such.yaml'), '/no/such.yaml  the configuration cannot be read: there is no such file\n')
  t.equal(messages(FIXTURES), `${FIXTURES}  the configuration cannot be read: it is a folder\n`)
})

function messages(file: string): string {
  try {
    loadConfig(file, OPTIONS)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    return `${thrown.message}\n`
  }
  return 'nothing\n'
}
