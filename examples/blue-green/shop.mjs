/** The same shop in two releases, each on its port. They say who they are. */
import { createServer } from 'node:http'

const releases = { blue: Number(process.env.BLUE_PORT ?? 9001), green: Number(process.env.GREEN_PORT ?? 9002) }

const open = Object.entries(releases).map(([release, port]) => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify({ release, path: request.url })}\n`)
  })
  return new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
})
await Promise.all(open)
console.log(`blue listening on port ${releases.blue}, green on port ${releases.green}`)
process.once('SIGTERM', () => process.exit())
