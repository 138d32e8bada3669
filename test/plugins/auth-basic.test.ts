import { createHash, pbkdf2Sync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Verdict } from '../../core/plugin-host/abi.js'
import { Policy } from '../support/instance.js'

t.test('PBKDF2 is what Node makes of the same password', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 100 }).filter(each => !/\p{Cc}/u.test(each))
  const salt = fc.uint8Array({ minLength: 8, maxLength: 40 })
  const property = fc.asyncProperty(text, salt, fc.constantFrom('sha256', 'sha512'), async (password, salt, hash) => {
    const bytes = hash === 'sha512' ? 64 : 32
    const digest = pbkdf2Sync(password, salt, 1_001, bytes, hash).toString('base64')
    const slow = { hash, iterations: 1_001, salt: Buffer.from(salt).toString('base64'), digest }
    const policy = await Policy.of('auth-basic', { users: [{ name: 'ada', pbkdf2: slow }] })
    const other = await send(policy, 'ada', `${password}x`)
    return (await send(policy, 'ada', password)).consumer === 'ada' && other.reply?.status === 401
  })
  await fc.assert(property, { numRuns: 20 })
})

t.test('the most iterations fit into the time and the calls a hook has', async t => {
  const salt = Buffer.from('salt of the tests')
  const digest = pbkdf2Sync('right', salt, 600_000, 64, 'sha512').toString('base64')
  const users = [
    { name: 'ada', pbkdf2: { hash: 'sha512', iterations: 600_000, salt: salt.toString('base64'), digest } }
  ]
  const policy = await Policy.of('auth-basic', { users })
  t.equal((await send(policy, 'ada', 'right')).consumer, 'ada')
  t.equal((await send(policy, 'ada', 'wrong')).reply?.status, 401)
  t.equal((await send(policy, 'eve', 'right')).reply?.status, 401)
})

t.test('with more users than the cache holds each is who they are', async t => {
  const users = Array.from({ length: 40 }, (_, i) => ({ name: `u${i}`, sha256: sha256(`p${i}`) }))
  const policy = await Policy.of('auth-basic', { users, cache: 7 })
  const seen: (string | null)[] = []
  for (let round = 0; round < 3; round++) {
    for (const i of users.keys()) seen.push((await send(policy, `u${i}`, `p${i}`)).consumer)
  }
  t.strictSame(
    seen,
    [...users, ...users, ...users].map(each => each.name)
  )
})

function send(policy: Policy, name: string, password: string): Promise<Verdict> {
  return policy.send({ headers: ['authorization', `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`] })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
