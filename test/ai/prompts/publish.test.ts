import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { promptsCommand } from '../../../core/cli/prompts/command.js'
import { complete } from '../../../core/config/complete.js'
import { resolvePrompts } from '../../../core/config/resolve-ai-prompts.js'
import type { Prompts } from '../../../core/config/schema-ai-prompts.js'
import { Prompts as Schema } from '../../../core/config/schema-ai-prompts.js'
import { SUMMARISE } from './helpers.js'

/** Runs `sluice prompts …` and says what it wrote. */
function bench(t: Test, section: object = {}) {
  const folder = t.testdir({})
  const written = { inline: { s: SUMMARISE }, ...section }
  const config = resolvePrompts(complete(Schema, written, undefined) as Prompts, folder)
  return (...args: string[]): { code: number; out: string } => {
    const output = t.capture(process.stdout, 'write', () => true)
    const errors = t.capture(process.stderr, 'write', () => true)
    try {
      const code = promptsCommand(args, config, 'sluice.yaml')
      return { code, out: [...output(), ...errors()].map(({ args: [text] }) => String(text)).join('') }
    } finally {
      output.restore()
      errors.restore()
    }
  }
}

t.test('versions are published once, and listed as such', async t => {
  const run = bench(t, { publishedOnly: true })
  t.match(run('list').out, 's v1  draft  small  production (80)\ns v2  draft  large  production (20), staging\n')
  t.match(run('publish', 's', 'v1').out, /^published s v1 {2}sha256:[0-9a-f]{64}\n$/)
  t.match(run('publish', 's').out, /^published s v2 /)
  t.equal(run('publish', 's').out, 'all of it is published already\n')
  t.match(run('list').out, /^s v1 {2}published sha256:[0-9a-f]{12} {2}small/)
  const lock = JSON.parse(readFileSync(`${t.testdirName}/prompts.lock`, 'utf8'))
  t.strictSame(Object.keys(lock.prompts.s), ['v1', 'v2'])
})

t.test('two versions are compared line by line, and shown whole', async t => {
  const run = bench(t)
  const { out } = run('diff', 's', 'v1', 'v2')
  t.match(out, '- model: small\n')
  t.match(out, '+ model: large\n')
  t.match(out, '- messages[0].content: Be brief.\n')
  t.notMatch(out, 'messages[0].role')
  t.equal(run('diff', 's', 'v1', 'v1').out, 'they say the same\n')
  t.match(JSON.parse(run('show', 's', 'v1').out), { model: 'small', parameters: { temperature: 0 } })
  t.strictSame(Object.keys(JSON.parse(run('show', 's').out)), ['v1', 'v2'])
})

t.test('what is not understood is said', async t => {
  const run = bench(t)
  t.match(run('lst'), { code: 2, out: /expected one of list, show, diff, publish/ })
  t.match(run('diff', 's', 'v1'), { code: 2, out: /prompts diff: expected NAME VERSION VERSION/ })
  t.throws(() => run('show', 'x'), { message: 'there is no prompt "x"' })
  t.throws(() => run('publish', 's', 'v9'), { message: 'there is no version of the prompt "s" called "v9"' })
})
