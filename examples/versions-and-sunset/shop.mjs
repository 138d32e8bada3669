/** One service that serves two versions of its API, each below a folder of its own. It says what it was asked. */
import { createServer } from 'node:http'

const port = Number(process.env.SHOP_PORT ?? 9001)

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify({ asked: request.url })}\n`)
})
server.listen(port, '127.0.0.1', () => console.log(`listening on port ${port}`))
process.once('SIGTERM', () => process.exit())
