/** Says in which language it would answer. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.end(`in ${request.headers['x-language'] ?? 'no language'}\n`)
})
server.listen(Number(process.env.SITE_PORT ?? 9001), '127.0.0.1', () => console.log('listening'))
process.once('SIGTERM', () => process.exit())
