import t, { type Test } from 'tap'
import { problemsOf } from './helpers.js'

/** What is wrong with the cache of a route. */
function wrong(t: Test, cache: string, more = ''): readonly string[] {
  return problemsOf(
    t,
    `upstreams: { a: { targets: ["http://127.0.0.1:1"] } }
routes: [{ name: r, match: { path: /* }, upstream: a, cache: ${cache} }]
${more}`
  )
}

t.test('an entry takes at most half of the budget, or nothing of its size would ever be stored', async t => {
  t.match(wrong(t, '{ entryBytes: 40MiB }').join(), /routes\[0\]\.cache\.entryBytes .*more than half of cache\.bytes/)
  t.match(
    wrong(t, '{}', 'cache: { bytes: 1MiB }').join(),
    /routes\[0\]\.cache\.entryBytes .*more than half of cache\.bytes/
  )
  t.strictSame(wrong(t, '{ entryBytes: 40MiB }', 'cache: { bytes: 80MiB }'), [])
})

t.test('parameters are listed one way', async t => {
  t.match(
    wrong(t, '{ key: { query: [a], ignoreQuery: [b] } }').join(),
    /cache\.key\.ignoreQuery .*stands beside query; expected one of the two/
  )
  t.strictSame(wrong(t, '{ key: { query: [a] } }'), [])
})

t.test('what upstreams are told of clients is no part of a key: it is not what clients say', async t => {
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    t.match(
      wrong(t, `{ key: { headers: [accept, ${name}] } }`).join(),
      new RegExp(`cache\\.key\\.headers\\[1\\] .*upstreams get another ${name} than clients send`)
    )
  }
  t.strictSame(wrong(t, '{ key: { headers: [x-forwarded-proto] } }'), [])
})
