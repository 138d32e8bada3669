import { spawnSync } from 'node:child_process'
import { cpus, release } from 'node:os'

/** Where the figures were measured; without it they say nothing. */
export interface Machine {
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly kernel: string
  readonly wrk: string | undefined
  readonly nginx: string | undefined
}

export function machine(): Machine {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    kernel: release(),
    wrk: version('wrk', /^wrk (\S+)/),
    nginx: version('nginx', /nginx\/(\S+)/)
  }
}

/** What `program -v` says it is (wrk says it on standard output, nginx on standard error); undefined when absent. */
function version(program: string, pattern: RegExp): string | undefined {
  const { stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' })
  return pattern.exec(stdout ?? '')?.[1] ?? pattern.exec(stderr ?? '')?.[1]
}
