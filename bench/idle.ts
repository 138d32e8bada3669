import { connect, type Socket } from 'node:net'
import { IDLE } from './cases.js'
import { CONTENDERS } from './contenders.js'
import { load } from './measure.js'
import { residentBytes } from './proc.js'
import type { Setup } from './setup.js'

export interface Idle {
  readonly connections: number
  readonly beforeMib: number
  readonly afterMib: number
}

/** Opened at a time: a burst of all of them is another measurement. */
const AT_ONCE = 100

/**
 * Memory that open connections take while nobody sends anything: each asked once and is kept. After a warm-up, so that what
 * a first request leaves behind does not count.
 * @throws Error when one of them gets no proper reply
 */
export async function measureIdle(setup: Setup): Promise<Idle> {
  const sluice = await CONTENDERS.sluice(setup)
  const open: Socket[] = []
  try {
    const { fault } = await load(setup, sluice, { traffic: 'plain' }, IDLE.warmUpConnections, IDLE.warmUpSeconds)
    if (fault !== undefined) throw new Error(`warm-up: ${fault}`)
    const before = residentBytes(sluice.pids)
    const url = new URL(setup.traffic.plain.path, sluice.origin)
    while (open.length < IDLE.connections) {
      open.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => asked(url)))))
    }
    if (open.some(socket => socket.destroyed)) throw new Error('a connection was closed')
    return { connections: open.length, beforeMib: before / 2 ** 20, afterMib: residentBytes(sluice.pids) / 2 ** 20 }
  } finally {
    for (const socket of open) socket.destroy()
    await sluice.end()
  }
}

/** A connection on which one request was answered. */
function asked(url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname)
    let reply = ''
    socket.on('error', reject)
    socket.on('data', chunk => {
      reply += chunk.toString('latin1')
      const head = reply.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(reply)?.[1])
      if (head === -1 || reply.length < head + 4 + length) return
      if (reply.startsWith('HTTP/1.1 200 ')) resolve(socket)
      else reject(new Error(reply.slice(0, 100)))
    })
    socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`)
  })
}
