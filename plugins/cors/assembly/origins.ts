import { Regex, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { isOriginText, normalOrigin, wrongOrigin } from './origin-text'
import { Wildcard } from './wildcard'

/** No browser has a longer one. */
const MAX_LENGTH: i32 = 512
/** Pages nobody has: who lets these in lets every page in. ("invalid" is a reserved name: RFC 6761.) */
const STRANGERS = ['https://a.invalid', 'http://a-1.invalid']

/** Which origins may call. */
@final
export class Origins {
  /** Every one. */
  any: bool = false
  private readonly exact: Set<string> = new Set<string>()
  private readonly wildcards: Wildcard[] = []
  private readonly patterns: Regex[] = []

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(origins: string[], patterns: string[], credentials: bool): string {
    if (origins.length + patterns.length == 0) return 'nobody may call: name an origin in origins or originPatterns'
    this.any = origins.includes('*')
    if (this.any) {
      if (origins.length + patterns.length > 1) return 'origins: "*" is every origin; it must stand alone'
      if (!credentials) return ''
      return 'origins: "*" with credentials would let every page act as its visitor; list the origins'
    }
    const wrong = this.fillOrigins(origins, credentials)
    return wrong == '' ? this.fillPatterns(patterns, credentials) : wrong
  }

  allow(origin: string): bool {
    if (this.any) return true
    if (origin.length > MAX_LENGTH) return false
    if (this.exact.has(origin)) return true
    for (let i = 0; i < this.wildcards.length; i++) if (unchecked(this.wildcards[i]).match(origin)) return true
    return this.patterns.length > 0 && isOriginText(origin) && this.matchesPattern(origin)
  }

  private matchesPattern(origin: string): bool {
    const bytes = utf8Bytes(origin)
    for (let i = 0; i < this.patterns.length; i++) if (unchecked(this.patterns[i]).testBytes(bytes)) return true
    return false
  }

  private fillOrigins(origins: string[], credentials: bool): string {
    for (let i = 0; i < origins.length; i++) {
      const origin = normalOrigin(origins[i])
      const wrong = wrongOrigin(origin)
      if (wrong != '') return 'origins[' + i.toString() + '] ' + wrong
      if (origin == 'null' && credentials) {
        return 'origins[' + i.toString() + ']: null with credentials lets every page in, since any page can be null'
      }
      if (origin.includes('*')) this.wildcards.push(Wildcard.of(origin))
      else this.exact.add(origin)
    }
    return ''
  }

  private fillPatterns(patterns: string[], credentials: bool): string {
    for (let i = 0; i < patterns.length; i++) {
      const name = 'originPatterns[' + i.toString() + ']'
      // By itself first: "a)|(?:b" would be one between the brackets, and match more than whole origins.
      if (Regex.compile(patterns[i]) === null) return name + ' is not a regular expression in RE2 syntax'
      const regex = Regex.compile('\\A(?:' + patterns[i] + ')\\z')
      if (regex === null) return name + ' is too large'
      for (let s = 0; s < STRANGERS.length && credentials; s++) {
        if (regex.test(STRANGERS[s])) return name + ' with credentials would let every page act as its visitor'
      }
      this.patterns.push(regex)
    }
    return ''
  }
}
