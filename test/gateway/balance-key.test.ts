import t from 'tap'
import type { HeaderList } from '../../core/base/headers.js'
import type { KeyFrom } from '../../core/config/resolve-upstream.js'
import { balanceKey } from '../../core/gateway/balance-key.js'

const exchange = (headers: HeaderList = [], query = '', consumer = '') => ({
  request: { method: 'GET', scheme: 'http' as const, host: 'a', path: '/orders/1', query, headers },
  clientIp: '192.0.2.1',
  consumer
})

t.test('the key is the part of the request that is asked for', async t => {
  const found: [KeyFrom, ReturnType<typeof exchange>, string | undefined][] = [
    [{ from: 'ip' }, exchange(), '192.0.2.1'],
    [{ from: 'path' }, exchange(), '/orders/1'],
    [{ from: 'consumer' }, exchange([], '', 'mobile'), 'mobile'],
    [{ from: 'header', name: 'x-user' }, exchange(['a', 'b', 'x-user', 'ann']), 'ann'],
    [{ from: 'query', name: 'user' }, exchange([], 'x=1&user=a%20b'), 'a b'],
    [{ from: 'cookie', name: 'user' }, exchange(['cookie', 'a=1; user=ann ;user=eve']), 'ann'],
    [{ from: 'cookie', name: 'user' }, exchange(['cookie', 'xuser=1', 'cookie', 'user=a=b']), 'a=b'],
    [{ from: 'cookie', name: 'user' }, exchange(['cookie', 'a=1;user="ann"; user=eve']), 'ann'],
    [{ from: 'cookie', name: 'user' }, exchange(['cookie', 'a=1', 'cookie', ' user = "a n" ;b']), 'a n'],
    [{ from: 'cookie', name: 'user' }, exchange(['cookie', 'user="ann']), '"ann']
  ]
  for (const [from, request, expected] of found) t.equal(balanceKey(request, from), expected, JSON.stringify(from))
})

t.test('a request without it has no key', async t => {
  const keys: KeyFrom[] = [
    { from: 'consumer' },
    { from: 'header', name: 'x-user' },
    { from: 'query', name: 'user' },
    { from: 'cookie', name: 'user' }
  ]
  for (const from of keys)
    t.equal(balanceKey(exchange(['cookie', 'user', 'x', 'y'], 'a=1'), from), undefined, from.from)
  t.equal(balanceKey({ ...exchange(), clientIp: '' }, { from: 'ip' }), undefined, 'an address that cannot be read')
})
