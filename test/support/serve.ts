import { readdirSync, readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { type Running, running, SLUICE } from '../command.js'
import { configFile, type SluiceConfig } from './sluice.js'

export interface ServedSluice extends Running {
  /** Its configuration. */
  readonly file: string
  readonly port: number
  readonly pid: number
}

/** `sluice serve` of that file as a process of its own, until the test ends. */
export async function serveFile(t: Pick<Test, 'teardown'>, file: string): Promise<ServedSluice> {
  const child = await running(t, [...SLUICE, 'serve', '-c', file], line => line.includes('"listening"'))
  const line: { url: string; pid: number } = JSON.parse(child.lines.find(each => each.includes('"listening"')) ?? '')
  return { ...child, file, port: Number(new URL(line.url).port), pid: line.pid }
}

/** The same of a configuration. @param before - puts other files beside its configuration */
export async function serve(
  t: Test,
  config: SluiceConfig,
  before: (file: string) => void = () => undefined
): Promise<ServedSluice> {
  const file = configFile(t, { listen: { port: 0 }, ...config })
  before(file)
  return serveFile(t, file)
}

/** Memory of a process, bytes: now, and the most it ever was. Linux only. */
export function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  return { now: kib('VmRSS'), peak: kib('VmHWM') }
}

/** Threads of a process, all of them. Linux only. */
export function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length
}
