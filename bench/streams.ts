import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from './children.js'
import { script } from './setup.js'
import { type Load, parseWrk, type WrkResult } from './wrk.js'

/**
 * Runs streams once, each checked for its events and its end. In the result `requests` are events, and the latencies
 * those of the first token.
 * @param folder - for the head of the request
 */
export async function streams({ url, traffic, connections, seconds, cores }: Load, folder: string): Promise<WrkResult> {
  const { host, port, pathname } = new URL(url)
  const headFile = join(folder, 'stream-head.txt')
  const lines = Object.entries(traffic.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  writeFileSync(headFile, `${traffic.method} ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}`)
  const asked = { port: Number(port), connections, seconds, headFile, bodyFile: traffic.bodyFile, ...traffic.stream }
  const child = start('streams', cores, ['node', script('stream-client.js'), JSON.stringify(asked)])
  let output = ''
  child.process.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child.process, 'close')
  return parseWrk(output + child.complaints())
}
