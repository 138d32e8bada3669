import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, encode, type RecordType } from 'dns-packet'
import type { Test } from 'tap'

export interface DnsServer {
  /** As a configuration names it. */
  readonly address: string
  /** What it answers, by type and name: `A orders.internal`. "NXDOMAIN", "SERVFAIL" and silence are answers too. */
  readonly records: Map<string, readonly Answer[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence'>
  /** How often it was asked, by type and name. */
  readonly asked: Map<string, number>
}

const RCODE = { NXDOMAIN: 3, SERVFAIL: 2 } as const

/** A DNS server on a UDP port of its own, until the test ends. What it does not know has no records. */
export async function dnsServer(t: Test): Promise<DnsServer> {
  const records: DnsServer['records'] = new Map()
  const asked = new Map<string, number>()
  const socket = createSocket('udp4')
  socket.on('message', (message, peer) => {
    const { id, questions = [] } = decode(message)
    const [question] = questions
    if (question === undefined) return
    const key = `${question.type} ${question.name.toLowerCase()}`
    asked.set(key, (asked.get(key) ?? 0) + 1)
    const known = records.get(key) ?? []
    if (known === 'silence') return
    const rcode = typeof known === 'string' ? RCODE[known] : 0
    const answers = typeof known === 'string' ? [] : [...known]
    const flags = 0x0100 | 0x0080 | rcode // recursion desired and available
    socket.send(encode({ type: 'response', id: id ?? 0, flags, questions, answers }), peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return { address: `127.0.0.1:${socket.address().port}`, records, asked }
}

/** Records of one type, each with the same time to live. */
export function addresses(
  type: Extract<RecordType, 'A' | 'AAAA'>,
  name: string,
  ttl: number,
  ...data: string[]
): Answer[] {
  return data.map(each => ({ type, name, ttl, class: 'IN', data: each }))
}

export function service(
  name: string,
  ttl: number,
  data: { target: string; port: number; weight?: number; priority?: number }
): Answer {
  return { type: 'SRV', name, ttl, class: 'IN', data }
}
