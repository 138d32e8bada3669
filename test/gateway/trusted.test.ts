import { BlockList } from 'node:net'
import t from 'tap'
import { Exchange } from '../../core/gateway/exchange.js'
import { clientAddress, isTrusted } from '../../core/gateway/trusted.js'
import { NO_BODY } from '../../core/server/request-body.js'

const proxies = new BlockList()
proxies.addSubnet('10.0.0.0', 8, 'ipv4')
proxies.addSubnet('2001:db8::', 32, 'ipv6')

function client(peer: string, ...forwardedFor: string[]): string {
  const headers = forwardedFor.flatMap(value => ['x-forwarded-for', value])
  const head = { method: 'GET', scheme: 'http' as const, host: '', path: '/', query: '', headers }
  const downstream = {
    send: () => ({ bytes: 0, cutShort: undefined }),
    cut: () => undefined,
    done: false,
    started: false
  }
  return clientAddress(new Exchange('', 0, 0, head, NO_BODY, peer, downstream), proxies)
}

t.test('only listed addresses are trusted', async t => {
  t.ok(isTrusted('10.1.2.3', proxies))
  t.ok(isTrusted('2001:db8::1', proxies))
  t.notOk(isTrusted('11.1.2.3', proxies))
  t.notOk(isTrusted('', proxies))
  t.notOk(isTrusted('10.1.2.3', undefined))
})

t.test('the client is the last address that is not a trusted proxy', async t => {
  t.equal(client('192.0.2.1', '198.51.100.1'), '192.0.2.1', 'an untrusted peer is believed nothing')
  t.equal(client('10.0.0.1'), '10.0.0.1')
  t.equal(client('10.0.0.1', '198.51.100.1'), '198.51.100.1')
  t.equal(client('10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2'), '198.51.100.1', 'what stands before it proves nothing')
  t.equal(client('10.0.0.1', '1.1.1.1', '198.51.100.1'), '198.51.100.1', 'a second line counts after the first')
  t.equal(client('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3')
  t.equal(client('10.0.0.1', ''), '10.0.0.1')
  t.equal(client('10.0.0.1', '198.51.100.1:4711'), '198.51.100.1', 'a port is not part of it')
  t.equal(client('10.0.0.1', '[2001:db9::1]:4711, [2001:db8::2]'), '2001:db9::1')
  t.equal(client('10.0.0.1', '2001:db9::1'), '2001:db9::1')
})

t.test('nobody is the client where a trusted proxy wrote what is no address', async t => {
  for (const line of ['evil', 'evil, 10.0.0.2', '198.51.100.7, evil', '198.51.100.7,', '198.51.100.07', 'unknown']) {
    t.equal(client('10.0.0.1', line), '', line)
  }
  t.equal(client('10.0.0.1', 'evil, 198.51.100.7'), '198.51.100.7', 'what the client itself wrote does not matter')
  t.equal(client('10.0.0.1', ' '), '10.0.0.1', 'an empty header says nothing')
})
