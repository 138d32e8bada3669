const BUCKETS: i32 = 128

/** Texts that are looked for all at once: at each place only those that begin with its letter are compared. */
@final
export class Words {
  /** What each text stands for, in the log. */
  readonly labels: string[] = []
  private readonly texts: string[] = []
  /** For each letter the text that was added last, then the one before it, and so on; -1 ends. */
  private readonly last: StaticArray<i32> = new StaticArray<i32>(BUCKETS).fill(-1)
  private readonly before: i32[] = []

  /** @param whole - finds texts only as whole words: not inside other letters and digits */
  constructor(private readonly whole: bool) {}

  /** Texts that are found anywhere, and stand for themselves. */
  static of(texts: string[]): Words {
    const words = new Words(false)
    for (let i = 0; i < texts.length; i++) words.add(texts[i], texts[i])
    return words
  }

  /** `text` is in lower case and not empty. */
  add(text: string, label: string): void {
    const bucket = text.charCodeAt(0) & (BUCKETS - 1)
    this.before.push(this.last[bucket])
    this.last[bucket] = this.texts.length
    this.texts.push(text)
    this.labels.push(label)
  }

  get isEmpty(): bool {
    return this.texts.length == 0
  }

  /** The first text that `agent`, in lower case, holds; -1 when it holds none. */
  find(agent: string): i32 {
    let previous = 0
    for (let at = 0; at < agent.length; at++) {
      const unit = agent.charCodeAt(at)
      if (!this.whole || !isWordUnit(previous)) {
        for (let i = unchecked(this.last[unit & (BUCKETS - 1)]); i >= 0; i = unchecked(this.before[i])) {
          if (this.isAt(agent, at, unchecked(this.texts[i]))) return i
        }
      }
      previous = unit
    }
    return -1
  }

  private isAt(agent: string, at: i32, text: string): bool {
    const end = at + text.length
    if (end > agent.length) return false
    for (let i = 0; i < text.length; i++) if (agent.charCodeAt(at + i) != text.charCodeAt(i)) return false
    // Digits may follow: versions are often glued to the name.
    return !this.whole || end == agent.length || !isLetter(agent.charCodeAt(end))
  }
}

function isLetter(unit: i32): bool {
  return unit >= 0x61 && unit <= 0x7a
}

function isWordUnit(unit: i32): bool {
  return isLetter(unit) || (unit >= 0x30 && unit <= 0x39)
}
