import { lowerAscii, Regex, RequestView, Settings } from '@sluice/plugin-sdk/assembly'
import { Source, sourceMistake } from './source'

enum Test {
  EQUAL,
  PREFIX,
  REGEX,
  IN,
  EXISTS
}

const NAMES = ['equal', 'prefix', 'regex', 'in', 'exists']

/**
 * A pattern looks at no more of a value than this: values of bodies can be long, and each rule would read them again.
 */
const MAX_SEARCHED: i32 = 8192

/** Why the last `Condition.of` failed. */
export let conditionMistake = ''

/** One thing that must be so for a rule. */
@final
export class Condition {
  private text: string = ''
  private readonly list: Set<string> = new Set<string>()
  private regex: Regex | null = null

  private constructor(
    private readonly source: Source,
    private readonly test: Test,
    private readonly not: bool,
    private readonly ignoresCase: bool
  ) {}

  /** null when the settings are none; `conditionMistake` says why. */
  static of(settings: Settings): Condition | null {
    const source = Source.of(settings)
    if (source === null) return refuse(sourceMistake)
    let test = -1
    for (let i = 0; i < NAMES.length; i++) {
      if (!settings.has(NAMES[i])) continue
      if (test >= 0) return refuse(NAMES[test] + ' and ' + NAMES[i] + ' are two tests: make two conditions of them')
      test = i
    }
    if (test < 0) return refuse('it needs one of ' + NAMES.join(', '))
    const ignoresCase = settings.bool('ignoreCase')
    if (ignoresCase && (test == Test.REGEX || test == Test.EXISTS)) {
      return refuse(
        'ignoreCase is for equal, prefix and in' + (test == Test.REGEX ? '; begin the pattern with (?i)' : '')
      )
    }
    // exists: false is the same as not, once more.
    const not = settings.bool('not') != (test == Test.EXISTS && !settings.bool('exists', true))
    const condition = new Condition(source, <Test>test, not, ignoresCase)
    return condition.fill(settings) ? condition : null
  }

  /** Whether it is so: with several values, whether it is so for one of them. */
  holds(request: RequestView): bool {
    return this.isMet(request) != this.not
  }

  private fill(settings: Settings): bool {
    if (this.test == Test.REGEX) {
      this.regex = Regex.compile(settings.string('regex'))
      if (this.regex !== null) return true
      conditionMistake = 'regex is not a regular expression in RE2 syntax, or there are more than 256 of them'
      return false
    }
    this.text = this.inCase(settings.string(NAMES[this.test]))
    const list = settings.strings('in')
    for (let i = 0; i < list.length; i++) this.list.add(this.inCase(list[i]))
    return true
  }

  private isMet(request: RequestView): bool {
    if (this.test == Test.EXISTS) return this.source.exists(request)
    const values = this.source.texts(request)
    for (let i = 0; i < values.length; i++) if (this.fits(values[i])) return true
    return false
  }

  private fits(value: string): bool {
    switch (this.test) {
      case Test.EQUAL:
        return this.inCase(value) == this.text
      case Test.PREFIX:
        return this.inCase(value).startsWith(this.text)
      case Test.IN:
        return this.list.has(this.inCase(value))
      default: {
        const regex = this.regex
        return regex !== null && regex.test(value.length > MAX_SEARCHED ? value.substring(0, MAX_SEARCHED) : value)
      }
    }
  }

  private inCase(text: string): string {
    return this.ignoresCase ? lowerAscii(text) : text
  }
}

function refuse(why: string): Condition | null {
  conditionMistake = why
  return null
}
