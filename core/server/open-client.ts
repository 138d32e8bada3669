import type { HttpResponse } from 'uWebSockets.js'
import type { Handshake } from '../base/websocket.js'
import type { OpenClient } from './upgrade-responder.js'
import { type ClientData, ClientSocket, withinAnother } from './websocket-client.js'
import type { SocketContexts } from './websockets.js'
import { writeHeaders } from './write-headers.js'

/** Makes a WebSocket of the connection that `response` is for. */
export function openClient(response: HttpResponse, handshake: Handshake, contexts: SocketContexts): OpenClient {
  return ({ headers }, { protocol, limits }) => {
    const client = new ClientSocket(response)
    const data: ClientData = { client }
    const context = contexts.roomFor(limits.messageBytes)
    response.cork(() => {
      response.writeStatus('101 Switching Protocols')
      writeHeaders(response, headers)
    })
    // Not within a cork of its own: what was the response has become the WebSocket, often in the same memory, and when that cork ends
    // uWebSockets.js looks there for a response that is over, and closes the connection by what it takes for its state.
    withinAnother(() => response.upgrade(data, handshake.key, protocol, '', context))
    return client
  }
}
