/** One API on two ports. Each answers 503 between POST /fail and POST /heal. */
import { createServer } from 'node:http'

const ports = { first: Number(process.env.FIRST_PORT ?? 9001), second: Number(process.env.SECOND_PORT ?? 9002) }

const open = Object.entries(ports).map(([name, port]) => {
  let failing = false
  const server = createServer((request, response) => {
    if (request.url === '/fail') failing = true
    else if (request.url === '/heal') failing = false
    else if (failing) response.statusCode = 503
    response.setHeader('content-type', 'application/json')
    response.end(`${JSON.stringify({ target: name, failing })}\n`)
  })
  return new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
})
await Promise.all(open)
console.log(`listening: first on port ${ports.first}, second on port ${ports.second}`)
process.once('SIGTERM', () => process.exit())
