import t from 'tap'
import { finished, ROOT, sluice } from './command.js'

t.test('the code made from policy.proto is current', async t => {
  const command = [process.execPath, `${ROOT}build/plugin-sdk/generator/main.js`, '--check']
  t.strictSame(await finished(command), { code: 0, stdout: '', stderr: '' })
})

t.test('the catalog of the built-in plugins is current', async t => {
  const checked = await sluice(['plugins', 'catalog', `${ROOT}plugins`, '--check'])
  t.strictSame(checked, { code: 0, stdout: '', stderr: '' })
})

t.test('the schemas and the reference of the configuration are current', async t => {
  t.strictSame(await sluice(['reference', '--check']), { code: 0, stdout: '', stderr: '' })
})
