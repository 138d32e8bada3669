import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { start } from './children.js'
import type { Traffic } from './traffic.js'

// The script is Lua and is not compiled: it stays beside the sources (this file runs from build/bench).
const SCRIPT = fileURLToPath(new URL('../../bench/check.lua', import.meta.url))

const Count = Type.Integer({ minimum: 0 })
const WrkResult = Type.Object({
  requests: Count,
  microseconds: Count,
  wrong: Count,
  sample: Type.String(),
  seen: Type.Array(Count),
  connect: Count,
  read: Count,
  write: Count,
  timeout: Count,
  p50: Count,
  p99: Count
})
/** What one run of wrk saw. Latencies in microseconds; `seen` counts the replies by expected body. */
export type WrkResult = Static<typeof WrkResult>

export interface Load {
  readonly url: string
  readonly traffic: Traffic
  readonly connections: number
  readonly seconds: number
  /** The core wrk runs on. */
  readonly cores: string
}

/** Runs wrk once; every reply is compared with what the traffic expects. */
export async function wrk(load: Load): Promise<WrkResult> {
  const child = start('wrk', load.cores, ['wrk', ...wrkArguments(load)])
  let output = ''
  child.process.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child.process, 'close')
  return parseWrk(output + child.complaints())
}

/** The result that check.lua prints as the last line. */
export function parseWrk(output: string): WrkResult {
  const line = output.split('\n').findLast(text => text.startsWith('{'))
  const result: unknown = line === undefined ? undefined : JSON.parse(line)
  if (!Value.Check(WrkResult, result)) throw new Error(`wrk printed no result: ${output.trim()}`)
  return result
}

/** Why a run does not count; undefined when every reply was the expected one. */
export function faultOf(result: WrkResult): string | undefined {
  const { wrong, sample, seen, connect, read, write, timeout } = result
  if (wrong > 0) return `${wrong} unexpected replies, the first: ${sample}`
  const broken = connect + read + write
  if (broken > 0) return `${broken} socket errors (connect ${connect}, read ${read}, write ${write})`
  if (timeout > 0) return `${timeout} timeouts`
  if (result.requests === 0) return 'no reply came'
  const checked = seen.reduce((total, count) => total + count, 0)
  if (checked !== result.requests) return `${result.requests} replies, but ${checked} were checked`
  const missing = seen.filter(count => count === 0).length
  if (missing > 0) return `${missing} of ${seen.length} expected replies never came`
  return undefined
}

function wrkArguments({ url, traffic, connections, seconds }: Load): string[] {
  const script = [`method=${traffic.method}`]
  for (const [name, value] of Object.entries(traffic.headers)) script.push(`header=${name}: ${value}`)
  if (traffic.bodyFile !== undefined) script.push(`body=${traffic.bodyFile}`)
  if (traffic.tokenFile !== undefined) script.push(`tokens=${traffic.tokenFile}`)
  for (const body of traffic.expect) script.push(`expect=${body}`)
  for (const text of traffic.contains ?? []) script.push(`contain=${text}`)
  return ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT, url, '--', ...script]
}
