/** A small chat: what one says in a room everyone in it hears. And a stream of events. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const port = Number(process.env.CHAT_PORT ?? 9001)

const server = createServer((request, response) => {
  if (request.url !== '/events') return response.writeHead(404).end('there is only /chat and /events\n')
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const second of [1, 2, 3]) response.write(`id: ${second}\ndata: tick\n\n`)
  response.end()
})

const rooms = new WebSocketServer({ noServer: true, handleProtocols: offered => offered.has('chat.v1') && 'chat.v1' })

server.on('upgrade', (request, socket, head) => {
  if (!/^\/chat\/[a-z]+$/.test(request.url)) {
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 13\r\n\r\nno such room\n')
    return
  }
  rooms.handleUpgrade(request, socket, head, member => {
    member.room = request.url
    member.send(`welcome to ${request.url}`)
    member.on('message', (data, isBinary) => {
      if (String(data) === 'bye') return member.close(4000, 'see you')
      for (const other of rooms.clients) if (other.room === member.room) other.send(data, { binary: isBinary })
    })
  })
})

server.listen(port, '127.0.0.1', () => console.log(`chat listening on port ${port}`))
process.once('SIGTERM', () => process.exit())
