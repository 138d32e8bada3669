import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Who uses a file. */
interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process began, so that another one with its number is not taken for it; "" where the system does not tell. */
  readonly began: string
}

/**
 * That a file is one process's alone: a second file, `<file>.lock`, says whose. One that a process left behind which is no more is taken over,
 * and so is one of another machine: whether its process lives cannot be seen from here.
 */
export class FileLock {
  private constructor(private readonly path: string) {}

  /** @throws Error when another process has the file, or this one already */
  static async take(file: string): Promise<FileLock> {
    const path = `${file}.lock`
    const me: Holder = { host: hostname(), pid: process.pid, began: await beginning(process.pid) }
    for (;;) {
      try {
        await writeFile(path, JSON.stringify(me), { flag: 'wx', mode: 0o600 })
        return new FileLock(path)
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
      }
      const holder = holderIn(await readFile(path, 'utf8').catch(() => ''))
      if (holder !== undefined && (await isHere(holder))) {
        throw new Error(`process ${holder.pid} uses it (${path}); a ledger is for one gateway alone`)
      }
      await rm(path, { force: true })
    }
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

async function isHere({ host, pid, began }: Holder): Promise<boolean> {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    // Not ours to signal, but there.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM')) return false
  }
  return began === (await beginning(pid))
}

/** The boot of the machine and the process's start in it (proc_pid_stat(5), field 22); "" where there is no /proc. */
async function beginning(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    // The name, in brackets, may have blanks and brackets in it; the third field follows.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // One that has ended and that nobody has asked about yet is no more.
    return state === 'Z' ? '' : `${boot.trim()} ${rest[18] ?? ''}`
  } catch {
    return ''
  }
}

function holderIn(text: string): Holder | undefined {
  try {
    const { host, pid, began } = JSON.parse(text)
    const whole = typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0 && typeof began === 'string'
    return whole ? { host, pid, began } : undefined
  } catch {
    return undefined
  }
}
