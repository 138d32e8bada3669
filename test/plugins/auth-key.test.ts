import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

t.test('ten thousand keys fit, and the first and the last are found', async t => {
  const guest = await authKey({ keys: Array.from({ length: 10_000 }, (_, i) => known(`key-${i}`, `consumer-${i}`)) })
  t.equal(send(guest, ['x-api-key', 'key-0']).consumer, 'consumer-0')
  t.equal(send(guest, ['x-api-key', 'key-9999']).consumer, 'consumer-9999')
  t.equal(send(guest, ['x-api-key', 'key-10000']).reply?.status, 401)
})

t.test('only the very key opens, whatever is tried', async t => {
  const guest = await authKey({ keys: [known('right')] })
  const property = fc.property(fc.string({ unit: 'grapheme' }), key => {
    const { reply, consumer } = send(guest, ['x-api-key', key])
    return key === 'right' ? consumer === 'ada' : reply?.status === 401 && consumer === null
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000, examples: [['right'], ['Right'], ['right '], ['righ']] }))
})

t.test('hiding a parameter leaves every other byte of the query as it was', async t => {
  const guest = await authKey({ in: [{ query: 'key' }], keys: [known('right')] })
  const part = fc.oneof(
    fc.constantFrom('', 'key2=a', 'ke', 'k%65y2=1', 'x=key', '=key', 'a=1', '%', '%zz=%', 'b=+%20', 'KEY=1'),
    fc.string({ unit: fc.constantFrom('a', '=', '%', '+', '/', '?', ';') })
  )
  const property = fc.property(fc.array(part), fc.array(part), (before, after) => {
    const { query } = send(guest, [], [...before, 'k%65y=right', ...after].join('&'))
    return query === [...before, ...after].join('&')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
})

async function authKey(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/auth-key'))
  t.equal(guest.configure({ in: [{ header: 'x-api-key' }], ...settings }), '')
  return guest
}

function known(key: string, consumer = 'ada'): object {
  return { sha256: createHash('sha256').update(key).digest('hex'), consumer }
}

function send(guest: Guest, headers: string[], query = ''): Verdict {
  return guest.verdict(
    'on_request',
    RequestInput.encode({ request: { method: 'GET', path: '/', query, headers } }).finish()
  )
}
