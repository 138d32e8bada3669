// An API that speaks only to who has a certificate of its authority, and says what it was told.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const file = name => readFileSync(new URL(`build/${name}`, import.meta.url))
const tls = { cert: file('orders.pem'), key: file('orders.key'), ca: file('ca.pem'), requestCert: true }

const server = createServer(tls, (request, response) => {
  const told = {
    path: request.url,
    connection: request.socket.getPeerCertificate().subject.CN,
    client: request.headers['x-client-cert-subject'],
    proto: request.headers['x-forwarded-proto']
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
})
server.listen(Number(process.env.ORDERS_PORT ?? 9001), '127.0.0.1', () => console.log('listening'))
