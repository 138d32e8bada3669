import { createHash } from 'node:crypto'
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Editors and deployments write in several steps: a change counts when nothing more happened for this long, milliseconds. */
const QUIET_MS = 150

/**
 * Calls `onChange` when the content of one of the files changes: written, replaced, or a link beside them put elsewhere.
 * A touch is no change. Of a folder it is what is in it, and in the folders in it.
 */
export class FileWatch {
  /** By folder. */
  private readonly watchers = new Map<string, FSWatcher>()
  /** By file, the digest of its content when it was looked at last. */
  private known = new Map<string, string>()
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly onChange: () => void) {}

  /** Watches these files from now on. What happened to one since it was last looked at still counts. */
  follow(files: readonly string[]): void {
    this.known = new Map(files.map(file => [file, this.known.get(file) ?? contentOf(file)]))
    this.watchFolders()
  }

  private watchFolders(): void {
    // Folders, not files: a file that is replaced is another one under the same name.
    const folders = new Set([...this.known.keys()].flatMap(file => [dirname(file), ...foldersIn(file)]))
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.watchers.delete(folder)
    }
    for (const folder of folders) if (!this.watchers.has(folder)) this.watch(folder)
  }

  close(): void {
    clearTimeout(this.timer)
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
  }

  private watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.stirred(folder, name))
      watcher.on('error', () => watcher.close()) // the folder is gone: a signal still reloads
      this.watchers.set(folder, watcher)
    } catch {
      // there is no such folder: a signal still reloads
    }
  }

  private stirred(folder: string, name: string | null): void {
    const ours = [...this.known.keys()].some(
      file => (dirname(file) === folder && basename(file) === name) || file === folder || file === dirname(folder)
    )
    // Kubernetes swaps a link called ..data; the files themselves are links through it.
    if (!ours && name !== null && !name.startsWith('..')) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), QUIET_MS)
    this.timer.unref()
  }

  private look(): void {
    const now = new Map([...this.known.keys()].map(file => [file, contentOf(file)]))
    const changed = [...now].some(([file, digest]) => digest !== this.known.get(file))
    this.known = now
    this.watchFolders() // there may be new ones
    if (changed) this.onChange()
  }
}

/** A folder that is followed, and those in it. */
function foldersIn(file: string): string[] {
  if (!isFolder(file)) return []
  return [file, ...entriesOf(file).filter(isFolder)]
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
}

function entriesOf(folder: string): string[] {
  const names = readdirSync(folder).filter(name => !name.startsWith('.'))
  return names.sort().map(name => join(folder, name))
}

/** @returns a digest; of a file that is not there too */
function contentOf(file: string, depth = 0): string {
  try {
    const hash = createHash('sha256')
    if (!isFolder(file)) return hash.update(readFileSync(file)).digest('hex')
    const entries = depth > 1 ? [] : entriesOf(file)
    return hash.update(JSON.stringify(entries.map(each => [each, contentOf(each, depth + 1)]))).digest('hex')
  } catch {
    return ''
  }
}
