import fc from 'fast-check'
import t from 'tap'
import { Policy } from '../support/instance.js'

/** A value as it is written: objects may have a key twice. */
type Written = string | readonly Written[] | { readonly members: readonly (readonly [string, Written])[] }

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '"', '\\', '/', '~', ':', '{', '𝄞'), maxLength: 2 })
const { value } = fc.letrec<{ value: Written }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('1', 'null', '-0.5e+3', '""', '":"', '"a\\\\"', '"{\\"a\\":"'),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.record({ members: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }) })
  )
}))

t.test('the first name that an object has twice is told of, in any text, however it is written', async t => {
  const policy = await Policy.of('validate-json', { request: { schema: true } })
  const property = fc.asyncProperty(value, fc.infiniteStream(fc.nat({ max: 3 })), async (given, chance) => {
    const choice = () => chance.next().value ?? 0
    const body = Buffer.from(written(given, choice))
    t.doesNotThrow(() => JSON.parse(body.toString()))
    const expected = firstTwice(given, '')
    return (await twice(policy, body)) === (expected === undefined ? undefined : `#${expected}`)
  })
  await fc.assert(property, { numRuns: 2_000 })
})

t.test('a body does not see the names of the one before', async t => {
  const policy = await Policy.of('validate-json', { request: { schema: true } })
  for (let i = 0; i < 3; i++) {
    t.equal(await twice(policy, Buffer.from('{"a":{"a":1},"b":[{"a":1}]}')), undefined)
    t.equal(await twice(policy, Buffer.from('{"a":{"a":1,"b":1,"b":1}}')), '#/a/b')
  }
})

t.test('thousands of names are looked at in little time, in one object and in many', async t => {
  const policy = await Policy.of('validate-json', { request: { schema: true } })
  const names = Array.from({ length: 200_000 }, (_, i) => `"k${i}":0`)
  t.equal(await twice(policy, Buffer.from(`{${names.join(',')}}`)), undefined)
  t.equal(await twice(policy, Buffer.from(`{${names.join(',')},"k7":1}`)), '#/k7')
  t.equal(await twice(policy, Buffer.from(`[${names.map(name => `{${name}}`).join(',')}]`)), undefined)
  const body = Buffer.from(`{${names.slice(0, 6_000).join(',')}}`)
  await twice(policy, body)
  const before = performance.now()
  for (let i = 0; i < 10; i++) await twice(policy, body)
  t.ok(performance.now() - before < 500, `10 bodies of ${body.length} bytes took ${performance.now() - before} ms`)
})

/** Where the policy says that a name stands twice. */
async function twice(policy: Policy, body: Buffer): Promise<string | undefined> {
  const { reply } = await policy.sendBody(body, ['content-type', 'application/json'])
  if (reply === null) return undefined
  const { errors } = JSON.parse(Buffer.from(reply.body ?? []).toString())
  return errors.length === 1 && errors[0].detail === 'must not stand there twice'
    ? decodeURIComponent(errors[0].pointer)
    : JSON.stringify(errors)
}

function written(given: Written, choice: () => number): string {
  const blank = () => ['', '', ' ', '\r\n\t'][choice()] ?? ''
  if (typeof given === 'string') return blank() + given + blank()
  if ('members' in given) {
    const members = given.members.map(
      ([name, below]) => `${blank()}${quoted(name, choice)}${blank()}:${written(below, choice)}`
    )
    return `${blank()}{${members.join(',') || blank()}}${blank()}`
  }
  return `${blank()}[${given.map(each => written(each, choice)).join(',') || blank()}]${blank()}`
}

function quoted(name: string, choice: () => number): string {
  const unit = (text: string) => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `"${[...name].map(each => (choice() === 0 ? each.split('').map(unit).join('') : JSON.stringify(each).slice(1, -1))).join('')}"`
}

function firstTwice(given: Written, at: string): string | undefined {
  if (typeof given === 'string') return undefined
  const members = 'members' in given ? given.members : given.map((each, i) => [String(i), each] as const)
  const seen = new Set<string>()
  for (const [name, below] of members) {
    const place = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (seen.has(name)) return place
    seen.add(name)
    const found = firstTwice(below, place)
    if (found !== undefined) return found
  }
  return undefined
}
