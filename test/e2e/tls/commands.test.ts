import t from 'tap'
import { sluice } from '../../command.js'
import { authority } from '../../support/certificates.js'
import { serve } from '../../support/serve.js'
import { configFile, toOne } from '../../support/sluice.js'

t.test('check names a key that is of another certificate, and warns of one that has expired', async t => {
  const ca = authority(t)
  const [leaf, old] = [ca.issue(), ca.issue({ expired: true })]
  const listen = (cert: string, key: string) => ({ tls: { certificates: [{ cert, key }] } })
  const file = (section: unknown): string => configFile(t, toOne(1, { listen: section }))

  const wrong = await sluice(['check', '-c', file(listen(leaf.certFile, old.keyFile))])
  t.match(wrong, { code: 1, stdout: '' })
  t.match(
    wrong.stderr,
    /sluice\.yaml:1:\d+ {2}listen\.tls\.certificates\[0\]\.key {2}is not the key of the certificate/
  )

  const warned = await sluice(['check', '-c', file(listen(old.certFile, old.keyFile))])
  t.match(warned, { code: 0, stderr: '' })
  t.match(warned.stdout, /warning: listen\.tls\.certificates\[0\]\.cert {2}the certificate of CN=leaf expired on/)
})

t.test('serve says every address it listens at', async t => {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const tls = { certificates: [{ cert: certFile, key: keyFile }] }
  const listen = [
    { port: 0, tls },
    { port: 0, http2: true }
  ]
  const { lines } = await serve(t, toOne(1, { listen }))
  const line = JSON.parse(lines.find(each => each.includes('"listening"')) ?? '')
  t.match(line, { url: /^https:\/\/127\.0\.0\.1:\d+$/, more: [/^http:\/\/127\.0\.0\.1:\d+$/] })
})
