/** Answers a POST with the body it got; GET /profile with something that should not leave the house. */
import { createServer } from 'node:http'

const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/json' })
  response.end(request.url === '/profile' ? '{"name":"ann","apiKey":"sk-5f3a9c"}\n' : text)
})
server.listen(Number(process.env.FORUM_PORT ?? 9001), '127.0.0.1', () => console.log('listening'))
process.once('SIGTERM', () => process.exit())
