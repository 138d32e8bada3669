/**
 * Load of streams, as a process of its own: each connection asks again when its stream is over. Every stream is
 * checked for its events and its end. Knows as much of HTTP as that takes, so that it does not set the pace.
 * The last line printed is one JSON object, of the shape check.lua prints too; `requests` are events there.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { EventCount } from './event-count.js'

const Asked = Type.Object({
  port: Type.Integer(),
  connections: Type.Integer(),
  seconds: Type.Number(),
  headFile: Type.String(),
  bodyFile: Type.String(),
  events: Type.Integer(),
  last: Type.String(),
  firstToken: Type.String()
})

const asked: unknown = JSON.parse(process.argv[2] ?? '')
if (!Value.Check(Asked, asked)) throw new Error('usage: stream-client.js <JSON of what to ask for>')
const { port, connections, seconds, events, last, firstToken } = asked
const body = readFileSync(asked.bodyFile)
const request = Buffer.concat([
  Buffer.from(`${readFileSync(asked.headFile, 'utf8')}content-length: ${body.length}\r\n\r\n`),
  body
])
const TIMEOUT_MS = 10_000

let wrong = 0
let sample = ''
let total = 0
let connectErrors = 0
let readErrors = 0
let timeouts = 0
const firstMicroseconds: number[] = []

const began = performance.now()
const deadline = began + seconds * 1000
await Promise.all(Array.from({ length: connections }, oneConnection))
const microseconds = Math.round((performance.now() - began) * 1000)

firstMicroseconds.sort((a, b) => a - b)
const at = (share: number): number => firstMicroseconds[Math.floor(firstMicroseconds.length * share)] ?? 0
console.log(
  JSON.stringify({
    requests: total,
    microseconds,
    wrong,
    sample,
    seen: [total],
    connect: connectErrors,
    read: readErrors,
    write: 0,
    timeout: timeouts,
    p50: at(0.5),
    p99: at(0.99)
  })
)

function oneConnection(): Promise<void> {
  return new Promise(resolve => {
    let count: EventCount | undefined
    let sentAt = 0
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: Buffer.alloc(65_536), callback: take }
    })
    const ask = (): void => {
      if (performance.now() >= deadline) {
        socket.destroy()
        return
      }
      count = new EventCount(firstToken, Buffer.byteLength(last))
      sentAt = performance.now()
      socket.write(request)
    }
    function take(bytes: number, buffer: Uint8Array): boolean {
      if (count === undefined) return true
      const before = count.firstSeen
      count.feed(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
      if (!before && count.firstSeen) firstMicroseconds.push(Math.round((performance.now() - sentAt) * 1000))
      if (count.over) {
        check(count)
        ask()
      }
      return true
    }
    socket.setTimeout(TIMEOUT_MS, () => {
      timeouts++
      socket.destroy()
    })
    socket.once('connect', ask)
    socket.on('error', () => {
      if (sentAt === 0) connectErrors++
      else readErrors++
    })
    socket.once('close', () => {
      if (count !== undefined && !count.over && sentAt > 0 && timeouts === 0) readErrors++
      resolve()
    })
  })
}

function check(count: EventCount): void {
  total += count.events
  if (count.status === 200 && count.events === events && count.end === last && count.firstSeen) return
  wrong++
  if (wrong === 1) sample = `${count.status}, ${count.events} events, ending ${JSON.stringify(count.end)}`
}
