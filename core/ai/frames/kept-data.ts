/** More of a stream is not kept, characters. */
const MAX_LENGTH = 1024 * 1024
/** How often it is looked for anew what frames share, when they share little. */
const MAX_TRIES = 16

/** Frames that begin alike and end alike, and what stands between in each. */
interface Run {
  readonly head: string
  readonly tail: string
  readonly middles: string[]
}

/**
 * The data of a stream's frames, bounded, for who may ask for its text at the end. Of each only what differs from those before is kept, which is
 * little: one word of text. All of them would be copied by every garbage collection while the stream lasts.
 */
export class KeptData {
  private run: Run = { head: '', tail: '', middles: [] }
  private readonly runs = [this.run]
  private last = ''
  private length = 0
  private tries = 0

  add(data: string): void {
    if (this.length + data.length > MAX_LENGTH) return
    this.length += data.length
    let { run } = this
    if (!fits(run, data)) run = this.begin(shared(data, run.head, run.tail))
    if (run.head.length + run.tail.length < data.length / 2 && this.tries < MAX_TRIES) {
      this.tries++
      run = this.begin(shared(data, this.last, this.last))
    }
    run.middles.push(data.slice(run.head.length, data.length - run.tail.length))
    this.last = data
  }

  /** Each as it was added. */
  *all(): Iterable<string> {
    for (const { head, tail, middles } of this.runs) for (const middle of middles) yield head + middle + tail
  }

  private begin(run: Run): Run {
    this.runs.push(run)
    this.run = run
    return run
  }
}

/** Slices compare faster than startsWith and endsWith do. */
function fits({ head, tail }: Run, data: string): boolean {
  const end = data.length - tail.length
  return end >= head.length && data.slice(0, head.length) === head && data.slice(end) === tail
}

function shared(data: string, head: string, tail: string): Run {
  let begin = 0
  const most = Math.min(data.length, head.length)
  while (begin < most && data.charCodeAt(begin) === head.charCodeAt(begin)) begin++
  let [end, endOfTail] = [data.length, tail.length]
  while (end > begin && endOfTail > 0 && data.charCodeAt(end - 1) === tail.charCodeAt(endOfTail - 1)) {
    end--
    endOfTail--
  }
  return { head: data.slice(0, begin), tail: data.slice(end), middles: [] }
}
