import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import type { HeaderList } from '../../core/base/headers.js'
import type { Exchange } from '../../core/gateway/exchange.js'
import { requestHeaders } from '../../core/gateway/forward.js'

const text = fc.constantFrom('a', 'b', 'ab', '')
const name = fc.constantFrom('x', 'y', 'x_y', 'host', 'via', 'x-forwarded-for', 'x-forwarded-host', 'forwarded', 'te')
const cases = fc.record({
  headers: fc.array(fc.tuple(name, text), { maxLength: 4 }).map((list): HeaderList => list.flat()),
  host: fc.constantFrom('h', 'other'),
  scheme: fc.constantFrom('http', 'https'),
  clientIp: fc.constantFrom('', '192.0.2.1', '192.0.2.2'),
  peer: fc.constantFrom('192.0.2.1', '2001:db8::1'),
  trusted: fc.boolean(),
  preserveHost: fc.boolean(),
  rewritten: fc.constantFrom(undefined, 'r'),
  underscores: fc.boolean(),
  length: fc.constantFrom(undefined, 0, 7)
})
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

function sent({ headers, host, scheme, clientIp, peer, trusted, preserveHost, rewritten, underscores, length }: Case) {
  const exchange = {
    request: { method: 'GET', path: '/', query: '', headers, host, scheme },
    body: length === 0 ? Buffer.alloc(0) : { length },
    route: { rewrite: { host: rewritten } },
    clientIp,
    underscores
  }
  return requestHeaders(exchange as unknown as Exchange, { peer, trusted, preserveHost })
}

/** The same, in few words. */
function expected(c: Case): HeaderList {
  const all = (of: string) => c.headers.filter((_, i) => i % 2 === 1 && c.headers[i - 1] === of)
  const list: HeaderList = []
  for (let i = 0; i < c.headers.length; i += 2) {
    const [key = '', value = ''] = c.headers.slice(i, i + 2)
    if (key === 'x' || key === 'y' || key === 'x_y') list.push(key, value)
  }
  const host = c.rewritten ?? (c.preserveHost ? c.host : undefined)
  if (host !== undefined) list.push('host', host)
  if (c.length) list.push('content-length', String(c.length))
  const before = (of: string) => (c.trusted ? all(of) : [])
  const address = c.peer.includes(':') ? `"[${c.peer}]"` : c.peer
  list.push('x-forwarded-for', [...before('x-forwarded-for'), c.peer].join(', '))
  list.push('x-forwarded-host', before('x-forwarded-host')[0] ?? c.host, 'x-forwarded-proto', c.scheme)
  const [told = ''] = before('x-forwarded-host')
  const said = told !== '' || before('x-forwarded-for').length > 0
  const first = `for=${c.clientIp || 'unknown'}${told && `;host=${told}`}`
  const elements = said && before('forwarded').length === 0 ? [first] : before('forwarded')
  list.push('forwarded', [...elements, `for=${address};host=${c.host};proto=${c.scheme}`].join(', '))
  list.push('via', [...all('via'), '1.1 sluice'].join(', '))
  if (c.clientIp !== '' && c.clientIp !== c.peer) list.push('x-real-ip', c.clientIp)
  return list
}

t.test('the headers that go upstream are those of this request, whatever was sent before', async t => {
  fc.assert(
    fc.property(fc.array(cases, { minLength: 1, maxLength: 40 }), list => {
      for (const each of list) t.strictSame(sent(each), expected(each))
    }),
    { numRuns: 300 }
  )
})

t.test('a name with an underscore stays only where none with a hyphen may be meant', async t => {
  const [sample] = fc.sample(cases, 1)
  if (sample === undefined) throw new Error('there is no sample')
  const names = (underscores: boolean) =>
    sent({ ...sample, underscores, headers: ['x_a', '1', 'x-a', '2', 'x_b', '3', 'x_real_ip', '4'] })
  t.notMatch(names(true).join(), /x_a|x_real_ip/)
  t.match(names(true).join(), 'x_b,3')
  t.match(names(false).join(), 'x_a,1,x-a,2,x_b,3,x_real_ip,4', 'where the listener lets none in, nobody looks')
})
