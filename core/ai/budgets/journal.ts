import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toError } from '../../base/errors.js'
import type { Letter, Outbox } from '../alerts/outbox.js'
import type { Account, Entry } from './account.js'
import type { Books } from './books.js'
import { FileLock } from './file-lock.js'
import { type JournalText, type Line, letterDone, letterLine, lineOf, readJournal } from './journal-line.js'

export interface JournalOptions {
  readonly file: string
  /** How long written lines may be in the operating system's hands alone. 0: every write waits for the disk. */
  readonly syncMs: number
  /** Hears of each write that failed. What it was to write is tried again; traffic goes on. */
  readonly onError: (error: Error) => void
}

/** Lines the file may have beyond those that count, before it is written anew. */
const SLACK = 20_000
/** Lines that are put together in one go while the file is written anew: the event loop turns in between. */
const BATCH = 2_000
const RETRY_MS = 1_000

/**
 * What was spent, on disk: a file of lines to which the new sum of each account is added when it changes. Writes never wait for each other's
 * callers: what changes while a write is under way goes together in the next one. So a process that is killed loses what was settled since
 * the write under way began (some milliseconds), and what was not settled yet; a machine that fails loses at most `syncMs` more.
 * A file that somebody takes away while it is in use is written anew, once that is seen: whenever the disk is waited for.
 * A last line that is not whole is passed over. Alerts that have not arrived are in it too, written together with the sum that they tell of:
 * none is lost without it, and none comes a second time under another id.
 *
 * A file and no SQLite: the sums are in memory anyway and nothing is ever looked up in it; better-sqlite3 compiles C++ for minutes where its
 * download is not to be had, in an install script that npm is about to leave out unless it is allowed.
 */
export class Journal implements Outbox {
  /** Lines to be written, as they will be by then, by what they are about. */
  private dirty = new Map<object, () => string>()
  /** Changed while the file is written anew: to be in the new one too. */
  private meanwhile: Map<object, () => string> | undefined
  private lines: number
  /** Lines at which it is worth asking whether to write anew. */
  private askAt = SLACK
  private running: Promise<void> | undefined
  private syncing: NodeJS.Timeout | undefined
  private closed = false
  private books: Books | undefined
  private now: () => number = Date.now
  private found: readonly Line[]
  /** Messages that have not arrived, by id. */
  private readonly unsent: Map<string, Letter>
  /** The last write may have ended in the middle of a line. */
  private torn = false
  /** The file that is written to is not the one that has its name. */
  private lost = false

  private constructor(
    private handle: FileHandle,
    private readonly lock: FileLock,
    private readonly options: JournalOptions,
    { lines, letters, known }: JournalText
  ) {
    this.lines = known
    this.found = lines
    this.unsent = letters
  }

  /** @throws Error of the file system, or that another gateway has the file */
  static async open(options: JournalOptions): Promise<Journal> {
    await mkdir(dirname(options.file), { recursive: true })
    const lock = await FileLock.take(options.file)
    try {
      return await Journal.openLocked(options, lock)
    } catch (thrown) {
      await lock.release()
      throw thrown
    }
  }

  private static async openLocked(options: JournalOptions, lock: FileLock): Promise<Journal> {
    const text = await readFile(options.file, 'utf8').catch(absent)
    const found = readJournal(text)
    if (found.known === 0 && text.includes('\n')) throw new Error('it is no ledger; expected one, or no file')
    const handle = await open(options.file, 'a', 0o600)
    // What is added must not become part of a line that was cut off.
    if (text !== '' && !text.endsWith('\n')) await handle.appendFile('\n')
    return new Journal(handle, lock, options, found)
  }

  /** Puts what was read into the books, once. */
  restore(books: Books, clock: () => number): void {
    this.books = books
    this.now = clock
    const now = clock()
    for (const { signature, key, start, end, spent } of this.found) {
      if (end <= now) continue
      const account = books.account(signature, key, now)
      const entry = account.book(start, end, 0)
      entry.spent = spent // the last line counts
    }
    this.found = []
  }

  changed(account: Account, entry: Entry): void {
    this.put(entry, () => lineOf(account, entry))
  }

  get letters(): Iterable<Letter> {
    return this.unsent.values()
  }

  keep(letter: Letter): void {
    this.unsent.set(letter.id, letter)
    this.put(letter, () => letterLine(letter))
  }

  done({ id }: Letter): void {
    const letter = this.unsent.get(id)
    if (letter === undefined) return
    this.unsent.delete(id)
    this.put(letter, () => letterDone(letter))
  }

  /** When what has changed so far is on its way to the disk: it outlives this process. */
  async flushed(): Promise<void> {
    while (this.running !== undefined) await this.running
  }

  async close(): Promise<void> {
    this.closed = true // no more changes; no more retries
    await this.flushed()
    clearTimeout(this.syncing)
    try {
      await this.sync()
      if (this.lost) await this.renew()
      await this.handle.close()
    } finally {
      await this.lock.release()
    }
  }

  private put(what: object, line: () => string): void {
    this.dirty.set(what, line)
    this.meanwhile?.set(what, line)
    if (this.closed) return
    this.running ??= this.run()
  }

  /** Writes until nothing is left to write. */
  private async run(): Promise<void> {
    await Promise.resolve() // what is settled together is written together
    while (this.dirty.size > 0 || this.lost) {
      const batch = this.dirty
      this.dirty = new Map()
      try {
        if (batch.size > 0) await this.write(batch)
        if (this.lost) await this.renew()
        else if (this.lines > this.askAt) await this.renewIfWorth()
      } catch (thrown) {
        for (const [what, line] of batch) if (!this.dirty.has(what)) this.dirty.set(what, line)
        this.options.onError(toError(thrown))
        if (this.closed) break
        await new Promise(resolve => setTimeout(resolve, RETRY_MS))
      }
    }
    this.running = undefined
  }

  private async write(batch: ReadonlyMap<object, () => string>): Promise<void> {
    let text = this.torn ? '\n' : ''
    for (const line of batch.values()) text += line()
    this.torn = true
    await this.handle.appendFile(text)
    this.torn = false
    this.lines += batch.size
    if (this.options.syncMs === 0) await this.sync()
    else this.syncing ??= setTimeout(() => void this.syncSoon(), this.options.syncMs).unref()
  }

  private async syncSoon(): Promise<void> {
    this.syncing = undefined
    try {
      await this.sync()
    } catch (thrown) {
      this.options.onError(toError(thrown))
    }
    if (this.lost && !this.closed) this.running ??= this.run()
  }

  private async sync(): Promise<void> {
    const { handle } = this
    try {
      await handle.datasync()
      const [open, named] = await Promise.all([handle.stat(), stat(this.options.file).catch(() => undefined)])
      if (handle === this.handle) this.lost = open.ino !== named?.ino || open.dev !== named.dev
    } catch (thrown) {
      // One that was closed meanwhile has nothing that the new one has not.
      if (handle === this.handle) throw thrown
    }
  }

  private async renewIfWorth(): Promise<void> {
    const alive = this.alive()
    this.askAt = Math.max(SLACK, 4 * alive)
    if (this.lines > this.askAt) await this.renew()
  }

  /** Writes the file anew with what counts, and puts it in the place of the old one. */
  private async renew(): Promise<void> {
    const { file } = this.options
    const next = `${file}.new`
    await mkdir(dirname(file), { recursive: true })
    await rm(next, { force: true })
    const handle = await open(next, 'ax', 0o600)
    this.meanwhile = new Map()
    try {
      let lines = 0
      for (const text of this.batches()) {
        await handle.appendFile(text)
        lines += text.split('\n').length - 1
      }
      let rest = ''
      for (const line of this.meanwhile.values()) rest += line()
      await handle.appendFile(rest)
      await handle.datasync()
      await rename(next, file)
      const old = this.handle
      this.handle = handle
      this.lost = false
      this.lines = lines + this.meanwhile.size
      await old.close()
    } catch (thrown) {
      if (this.handle !== handle) await handle.close()
      throw thrown
    } finally {
      this.meanwhile = undefined
    }
  }

  private *batches(): Iterable<string> {
    let [text, count] = ['', 0]
    for (const account of this.books ?? []) {
      for (const entry of account.live(this.now())) {
        text += lineOf(account, entry)
        count++
      }
      if (count < BATCH) continue
      yield text
      text = ''
      count = 0
    }
    for (const letter of this.unsent.values()) text += letterLine(letter)
    yield text
  }

  private alive(): number {
    let count = this.unsent.size
    for (const account of this.books ?? []) count += account.live(this.now()).length
    return count
  }
}

function absent(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return ''
  throw thrown
}
