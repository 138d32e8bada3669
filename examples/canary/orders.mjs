/** Two versions of one API, each on its port. They say who they are. */
import { createServer } from 'node:http'

const versions = { stable: Number(process.env.STABLE_PORT ?? 9001), canary: Number(process.env.CANARY_PORT ?? 9002) }

const open = Object.entries(versions).map(([version, port]) => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify({ version, path: request.url })}\n`)
  })
  return new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
})
await Promise.all(open)
console.log(`stable listening on port ${versions.stable}, canary on port ${versions.canary}`)
process.once('SIGTERM', () => process.exit())
