import t from 'tap'
import { sluice } from '../../command.js'
import { configFile } from '../../support/sluice.js'
import { tunnelRoute } from '../../support/tunnel.js'

t.test('check warns of tunnels that no listener can open', async t => {
  const check = (listen: object) => sluice(['check', '-c', configFile(t, { listen, ...tunnelRoute(1) })])
  const warned = await check({})
  t.match(warned, { code: 0, stderr: '' })
  t.match(warned.stdout, /warning: routes\[0\]\.upgrade {2}opens no tunnel: .*"http2: true"/)
  for (const listen of [{ http2: true }, [{ port: 8081 }, { port: 8082, http2: true }]]) {
    const silent = await check(listen)
    t.match(silent, { code: 0, stderr: '' })
    t.notMatch(silent.stdout, /warning/)
  }
})
