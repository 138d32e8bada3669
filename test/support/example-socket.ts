import Type, { type Static } from 'typebox'
import { WebSocket } from 'ws'

const closed = { additionalProperties: false } as const

/** A WebSocket of an example's requests.json, and what must come of it. */
export const ExampleSocket = Type.Object(
  {
    title: Type.String(),
    path: Type.String(),
    protocols: Type.Optional(Type.Array(Type.String())),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    send: Type.Optional(Type.Array(Type.String())),
    sendBytes: Type.Optional(Type.Integer({ minimum: 1 })),
    expect: Type.Object(
      {
        status: Type.Optional(Type.Integer()),
        protocol: Type.Optional(Type.String()),
        messages: Type.Optional(Type.Array(Type.String())),
        close: Type.Optional(Type.Object({ code: Type.Integer(), reason: Type.String() }, closed))
      },
      closed
    )
  },
  closed
)
type ExampleSocket = Static<typeof ExampleSocket>

/** What is not as expected. */
export function socketProblems(origin: string, example: ExampleSocket): Promise<string[]> {
  const { path, protocols = [], headers = {}, send = [], sendBytes, expect } = example
  const wanted = expect.messages ?? []
  const socket = new WebSocket(origin + path, protocols, { headers })
  const problems: string[] = []
  const messages: string[] = []
  const compare = (what: string, found: unknown, expected: unknown): void => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      problems.push(`${what} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
    }
  }
  return new Promise(resolve => {
    socket.on('error', error => problems.push(error.message))
    socket.on('unexpected-response', (request, reply) => {
      compare('the status', reply.statusCode, expect.status)
      request.destroy()
      resolve(problems)
    })
    socket.on('open', () => {
      compare('the status', undefined, expect.status)
      if (expect.protocol !== undefined) compare('the protocol', socket.protocol, expect.protocol)
      for (const text of send) socket.send(text)
      if (sendBytes !== undefined) socket.send(Buffer.alloc(sendBytes))
    })
    socket.on('message', data => {
      messages.push(String(data))
      if (messages.length === wanted.length && expect.close === undefined) socket.close(1000)
    })
    socket.on('close', (code, reason) => {
      compare('the messages', messages, wanted)
      if (expect.close !== undefined) compare('the end', { code, reason: String(reason) }, expect.close)
      resolve(problems)
    })
  })
}
