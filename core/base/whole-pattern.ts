import { RE2JS } from 're2js'

/**
 * A regular expression that must fit a text from its first character to its last. It takes linear time whatever the text,
 * so texts may come from strangers.
 */
export class WholePattern {
  private readonly pattern: RE2JS
  /** Names of its groups in order, the number for one without a name. */
  readonly groups: readonly string[]

  /** @throws Error with what is wrong, for what is no pattern or needs more than linear time (`\1`, `(?=…)`) */
  constructor(readonly source: string) {
    this.pattern = RE2JS.compile(RE2JS.translateRegExp(source))
    const groups = Array.from({ length: this.pattern.groupCount() }, (_, i) => String(i + 1))
    for (const [name, group] of Object.entries(this.pattern.namedGroups())) groups[group - 1] = name
    this.groups = groups
  }

  test(text: string): boolean {
    return this.pattern.testExact(text)
  }

  /** What each group took, in the order of `groups`, empty for one that took no part; undefined when it does not fit. */
  match(text: string): string[] | undefined {
    if (!this.pattern.testExact(text)) return undefined
    const matcher = this.pattern.matcher(text)
    matcher.matches()
    return this.groups.map((_, i) => matcher.group(i + 1) ?? '')
  }
}

/** What is wrong with a regular expression, or undefined. */
export function wrongRegex(source: string): string | undefined {
  try {
    new WholePattern(source)
    return undefined
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    // Without the piece of the pattern that stands behind it.
    const reason = message.replace(/^error parsing regexp: /, '').replace(/: `[\s\S]*`$/, '')
    return `is no regular expression of RE2's syntax: ${reason}`
  }
}
