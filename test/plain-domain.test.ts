import { pathToFileURL } from 'node:url'
import t from 'tap'
import { finished, ROOT } from './command.js'

t.test('an error that nobody catches fails the test it comes from', async t => {
  const tap = pathToFileURL(`${ROOT}build/run/node_modules/@tapjs/tap.js`)
  const dir = t.testdir({
    'late.mjs': `import t from ${JSON.stringify(tap.href)}
      t.test('fine before', async t => t.ok(true))
      t.test('throws', t => {
        t.test('deep within', () => new Promise(() => setTimeout(() => { throw new Error('late') }, 1)))
        t.end()
      })
      t.test('rejects', () => new Promise(() => void Promise.reject(new Error('nobody'))))
      t.test('listens', async t => {
        const heard = new Promise(resolve => process.once('uncaughtException', resolve))
        setTimeout(() => { throw new Error('its own') }, 1)
        t.match(await heard, { message: 'its own' })
      })
      t.test('fine behind', async t => t.ok(true))`
  })
  const { code, stdout } = await finished([process.execPath, `${dir}/late.mjs`])
  t.equal(code, 1)
  const results = stdout.split('\n').filter(line => /^ *(?:not )?ok \d+ - [a-z]+(?: [a-z]+)? #/.test(line))
  const told = new Set(results.map(line => line.replace(/ \d+ - | #.*/g, ' ').trim()))
  t.strictSame(
    [...told].sort(),
    ['not ok deep within', 'not ok rejects', 'not ok throws', 'ok fine before', 'ok fine behind', 'ok listens'],
    'each as it is'
  )
})
