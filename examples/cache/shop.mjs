/** A shop that counts how often it is asked for what, and says how long its replies are good for. */
import { createServer } from 'node:http'

const port = Number(process.env.SHOP_PORT ?? 9001)
const asked = new Map()

const server = createServer((request, response) => {
  const path = (request.url ?? '').replace(/\?.*/, '')
  const count = (asked.get(path) ?? 0) + 1
  asked.set(path, count)
  response.setHeader('content-type', 'application/json')
  if (path.startsWith('/products/')) {
    // Browsers may keep it for a minute, shared caches for an hour: they can be told when it changes, by its tag.
    response.setHeader('cache-control', 'max-age=60, s-maxage=3600')
    response.setHeader('surrogate-key', `product ${path.slice(1)}`)
  } else if (path === '/account') {
    response.setHeader('cache-control', 'private')
  } else if (path === '/weather') {
    response.setHeader('cache-control', 'max-age=0, stale-if-error=3600')
    if (count > 1) response.statusCode = 503
  }
  response.end(`${JSON.stringify({ path: request.url, asked: count })}\n`)
})
server.listen(port, '127.0.0.1', () => console.log(`listening on port ${port}`))
process.once('SIGTERM', () => process.exit())
