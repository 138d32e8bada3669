import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isReserved } from '../../core/plugin-host/permissions.js'
import { ROOT } from './guest.js'

t.test('the SDK knows the headers that belong to the gateway, all of them and no others', async t => {
  const source = readFileSync(join(ROOT, 'plugin-sdk/assembly/field-text.ts'), 'utf8')
  const host = readFileSync(join(ROOT, 'core/plugin-host/permissions.ts'), 'utf8')
  const listOf = (text: string, begin: string): string[] => {
    const from = text.indexOf(begin)
    return [...text.slice(from, text.indexOf(']', from)).matchAll(/'([a-z0-9-]+)'/g)].map(([, name]) => name ?? '')
  }
  const known = listOf(host, 'const RESERVED')
  t.ok(known.length > 10 && known.every(isReserved))
  t.strictSame(listOf(source, 'const RESERVED').sort(), known.sort())
})
