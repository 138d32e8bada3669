import { readFileSync } from 'node:fs'

/** USER_HZ: what Linux shows to programs is in hundredths of a second on every architecture Node runs on. */
const MICROSECONDS_PER_TICK = 10_000

/** CPU time, user + system, of the processes with all their threads, in microseconds (steps of 10 ms). */
export function cpuMicroseconds(pids: readonly number[]): number {
  return sum(pids.map(pid => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))))
}

/** Resident memory of the processes, in bytes. */
export function residentBytes(pids: readonly number[]): number {
  return sum(pids.map(pid => parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'))))
}

/** The cores this process may use, lowest first. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return parseCores(list ?? '')
}

/** utime + stime out of /proc/PID/stat, in microseconds. */
export function parseStat(text: string): number {
  // The second field is the command in parentheses and may hold blanks and parentheses: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  if (!Number.isInteger(ticks)) throw new Error(`not a line of /proc/PID/stat: ${text}`)
  return ticks * MICROSECONDS_PER_TICK
}

/** VmRSS out of /proc/PID/status, in bytes. */
export function parseStatus(text: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  if (kib === undefined) throw new Error('no VmRSS in /proc/PID/status')
  return Number(kib) * 1024
}

/** "0-2,5" → [0, 1, 2, 5]. */
export function parseCores(list: string): number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap(part => {
      const [from = Number.NaN, to = from] = part.split('-').map(Number)
      if (!(to >= from)) throw new Error(`not a list of cores: "${list}"`)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
