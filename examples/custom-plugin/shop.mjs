/** Answers every request with the path it was asked for. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.end(`the shop at ${request.url}\n`)
})
server.listen(Number(process.env.SHOP_PORT ?? 9001), '127.0.0.1', () => console.log('listening'))
process.once('SIGTERM', () => process.exit())
