import { readFileSync } from 'node:fs'
import t from 'tap'
import { HOST_FUNCTIONS } from '../../core/plugin-host/imports.js'
import { ROOT } from './guest.js'

/** What is f64 in each signature: ABI.md says it by the names of arguments. */
const F64 = new Set(['perSecond', 'burst', 'cost', 'delta', 'limit', 'expiresAt', 'ttlMs', 'value'])

t.test('ABI.md says of every host function what it takes and what it answers', async t => {
  const abi = readFileSync(`${ROOT}plugin-sdk/ABI.md`, 'utf8')
  const [text = ''] = /^## Host functions$[\s\S]*?^## /m.exec(abi) ?? []
  const told = [...text.matchAll(/^\| `(\w+)\(([^)]*)\)(?: -> (\w+))?`/gm)].map(([, name = '', given = '', answer]) => {
    const types = given.split(', ').map(argument => (F64.has(argument) ? 'f64' : 'i32'))
    return [name, `(${given === '' ? '' : types.join(', ')}) -> ${answer ?? '()'}`] as const
  })
  t.strictSame(Object.fromEntries(told), { ...HOST_FUNCTIONS.sluice })
  t.equal(told.length, Object.keys(HOST_FUNCTIONS.sluice).length, 'each once')
})
