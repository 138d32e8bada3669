import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderLimits {
  readonly folder: string
  readonly maxFiles: number
  readonly maxBytes: number
}

/** Only files that are named like this are ever deleted. They sort by time. */
const NAME = /^\d{8}T\d{9}Z-[\w-]+\.json$/
/** Recordings that wait to be written: a slow disk must not fill the memory. */
const MAX_WAITING_BYTES = 64 << 20

/** The folder of the recordings: one file after the other is written, and old ones are deleted. */
export class RecordingFolder {
  /** Oldest first; undefined: not looked yet. */
  private known: { readonly name: string; readonly bytes: number }[] | undefined
  private last: Promise<void> = Promise.resolve()
  private waitingBytes = 0

  constructor(
    private readonly limits: FolderLimits,
    /** Hears of every recording that cannot be written. */
    private readonly onLost: (file: string, reason: unknown) => void
  ) {}

  /** The path of the file for an exchange. */
  fileFor(id: string, time: Date): string {
    return join(this.limits.folder, `${time.toISOString().replace(/[-:.]/g, '')}-${id.replace(/[^\w-]/g, '_')}.json`)
  }

  /** Never rejects. The file appears whole, or not at all; its user alone may read it. */
  write(file: string, text: Buffer): Promise<void> {
    if (this.waitingBytes + text.length > MAX_WAITING_BYTES) {
      this.onLost(file, new Error(`${this.waitingBytes} bytes of recordings wait to be written`))
      return Promise.resolve()
    }
    this.waitingBytes += text.length
    this.last = this.last
      .then(() => this.writeNow(file, text))
      .catch(thrown => this.onLost(file, thrown))
      .then(() => {
        this.waitingBytes -= text.length
      })
    return this.last
  }

  private async writeNow(file: string, text: Buffer): Promise<void> {
    await mkdir(this.limits.folder, { recursive: true, mode: 0o700 })
    this.known ??= await this.look()
    const partial = `${file}.partial`
    try {
      await writeFile(partial, text, { mode: 0o600, flag: 'wx' })
      await rename(partial, file)
    } catch (thrown) {
      await rm(partial, { force: true })
      throw thrown
    }
    this.known.push({ name: file.slice(this.limits.folder.length + 1), bytes: text.length })
    await this.deleteOld(this.known)
  }

  private async look(): Promise<{ name: string; bytes: number }[]> {
    const { folder } = this.limits
    const names = (await readdir(folder)).filter(name => NAME.test(name)).sort()
    const found: { name: string; bytes: number }[] = []
    for (const name of names) {
      const bytes = await stat(join(folder, name)).then(
        ({ size }) => size,
        () => undefined // somebody deleted it
      )
      if (bytes !== undefined) found.push({ name, bytes })
    }
    return found
  }

  /** The one that was just written is kept, whatever its size. */
  private async deleteOld(known: { readonly name: string; readonly bytes: number }[]): Promise<void> {
    const { folder, maxFiles, maxBytes } = this.limits
    let bytes = known.reduce((sum, each) => sum + each.bytes, 0)
    while (known.length > 1 && (known.length > maxFiles || bytes > maxBytes)) {
      const oldest = known.shift()
      if (oldest === undefined) return
      bytes -= oldest.bytes
      await rm(join(folder, oldest.name), { force: true })
    }
  }
}
