import { RE2JS } from 're2js'

/**
 * A pattern of JavaScript's that is matched in linear time, for code that wants a RegExp and calls nothing but test().
 * @throws Error when it uses what takes more: groups that are referred to, what comes before or behind
 */
export function linearPattern(source: string): RegExp {
  return new LinearPattern(source)
}

class LinearPattern extends RegExp {
  private readonly pattern: RE2JS

  constructor(private readonly text: string) {
    super('')
    this.pattern = RE2JS.compile(RE2JS.translateRegExp(text))
  }

  override test(text: string): boolean {
    return this.pattern.test(text)
  }

  override toString(): string {
    return this.text
  }
}
