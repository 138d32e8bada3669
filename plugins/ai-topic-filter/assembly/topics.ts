import { FoundWord, Regex, Settings, utf8Bytes, WordSet } from '@sluice/plugin-sdk/assembly'
import { Seen } from './seen'
import { BUILT_IN, builtInNames, COMPETITORS, SURE, WEAK } from './vocabulary'

const USUAL_WORDS: i32 = 1024
const MOST_WORDS: i32 = 1 << 16

@final
export class Topic {
  /** Whether somebody asked for it. */
  denied: bool = false
  allowed: bool = false
  threshold: i32 = 0

  constructor(readonly name: string) {}
}

/** A word or pattern: the topics it speaks for, and how loudly. */
@final
export class Sign {
  private readonly topics: i32[] = []
  private readonly weights: i32[] = []

  /** What is said last of a topic counts. */
  set(topic: i32, weight: i32): void {
    const at = this.topics.indexOf(topic)
    if (at >= 0) {
      this.weights[at] = weight
      return
    }
    this.topics.push(topic)
    this.weights.push(weight)
  }

  weight(topic: i32): i32 {
    const at = this.topics.indexOf(topic)
    return at < 0 ? 0 : this.weights[at]
  }
}

/** The topics of a binding, and how their signs are found. Words are the first of the signs, patterns come behind them. */
@final
export class Topics {
  readonly list: Topic[] = []
  readonly signs: Sign[] = []
  private readonly words: string[] = []
  private readonly places: Map<string, i32> = new Map<string, i32>()
  private readonly patterns: Regex[] = []
  private set: WordSet | null = null

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings): string {
    const wrong = this.choose(settings)
    if (wrong != '') return wrong
    this.addBuiltIn()
    this.addWords(COMPETITORS, settings.strings('competitors'), SURE)
    const own = settings.objects('topics')
    for (let i = 0; i < own.length; i++) this.addWords(own[i].string('name'), own[i].strings('words'), own[i].int('weight', SURE))
    for (let i = 0; i < own.length; i++) {
      const bad = this.addPatterns(own[i])
      if (bad != '') return 'topics[' + i.toString() + '].' + bad
    }
    if (this.words.length == 0) return ''
    this.set = WordSet.compile(this.words, true, true)
    return this.set === null ? 'topics: there are too many words, or one of them cannot be looked for' : ''
  }

  /** Notes every sign that is found in a text. */
  read(text: string, seen: Seen): void {
    const bytes = utf8Bytes(oneBlank(text))
    const set = this.set
    if (set !== null) {
      let found: FoundWord[] = set.findAll(bytes, USUAL_WORDS)
      if (found.length == USUAL_WORDS) found = set.findAll(bytes, MOST_WORDS)
      for (let i = 0; i < found.length; i++) seen.add(found[i].word)
    }
    for (let i = 0; i < this.patterns.length; i++) {
      const sign = this.words.length + i
      if (!seen.has(sign) && this.patterns[i].testBytes(bytes)) seen.add(sign)
    }
  }

  /** What the signs weigh together that speak for a topic. */
  weight(topic: i32, seen: Seen): i32 {
    let sum = 0
    for (let i = 0; i < seen.signs.length; i++) {
      const sign = seen.signs[i]
      if (<u32>sign < <u32>this.signs.length) sum += this.signs[sign].weight(topic)
    }
    return sum
  }

  private choose(settings: Settings): string {
    const deny = settings.strings('deny')
    const allow = settings.strings('allow')
    if (deny.length + allow.length == 0) return 'deny or allow must name a topic'
    const own = settings.objects('topics')
    for (let i = 0; i < deny.length; i++) {
      if (!isKnown(deny[i], own)) return 'deny[' + i.toString() + ']: ' + unknown(deny[i])
      this.claim(deny[i]).denied = true
    }
    for (let i = 0; i < allow.length; i++) {
      if (!isKnown(allow[i], own)) return 'allow[' + i.toString() + ']: ' + unknown(allow[i])
      this.claim(allow[i]).allowed = true
    }
    const general = settings.int('threshold', SURE)
    for (let i = 0; i < this.list.length; i++) this.list[i].threshold = general
    for (let i = 0; i < own.length; i++) {
      const at = this.indexOf(own[i].string('name'))
      if (at >= 0 && own[i].has('threshold')) this.list[at].threshold = own[i].int('threshold', general)
    }
    return ''
  }

  private addBuiltIn(): void {
    for (let i = 0; i < BUILT_IN.length; i++) {
      this.addWords(BUILT_IN[i].name, BUILT_IN[i].sure, SURE)
      this.addWords(BUILT_IN[i].name, BUILT_IN[i].weak, WEAK)
    }
  }

  /** Words of a topic nobody asked for are left out. */
  private addWords(topic: string, words: string[], weight: i32): void {
    const at = this.indexOf(topic)
    if (at < 0) return
    for (let i = 0; i < words.length; i++) {
      const word = oneBlank(words[i]).trim().toLowerCase()
      if (word.length == 0) continue
      let index = this.places.has(word) ? this.places.get(word) : -1
      if (index < 0) {
        index = this.words.push(word) - 1
        this.places.set(word, index)
        this.signs.push(new Sign())
      }
      this.signs[index].set(at, weight)
    }
  }

  private addPatterns(own: Settings): string {
    const at = this.indexOf(own.string('name'))
    const patterns = own.strings('patterns')
    for (let i = 0; i < patterns.length; i++) {
      const regex = Regex.compile(patterns[i])
      if (regex === null) return 'patterns[' + i.toString() + '] is not a regular expression in RE2 syntax: ' + patterns[i]
      if (at < 0) continue
      this.patterns.push(regex)
      const sign = new Sign()
      sign.set(at, own.int('weight', SURE))
      this.signs.push(sign)
    }
    return ''
  }

  private claim(name: string): Topic {
    const at = this.indexOf(name)
    if (at >= 0) return this.list[at]
    const topic = new Topic(name)
    this.list.push(topic)
    return topic
  }

  private indexOf(name: string): i32 {
    for (let i = 0; i < this.list.length; i++) if (this.list[i].name == name) return i
    return -1
  }
}

function isKnown(name: string, own: Settings[]): bool {
  if (name == COMPETITORS) return true
  for (let i = 0; i < BUILT_IN.length; i++) if (BUILT_IN[i].name == name) return true
  for (let i = 0; i < own.length; i++) if (own[i].string('name') == name) return true
  return false
}

function unknown(name: string): string {
  return 'there is no topic "' + name + '"; built in are ' + builtInNames() + ', others are to be written in topics'
}

/** The text without what shows nothing, and with one blank where it has several, or line breaks. */
function oneBlank(text: string): string {
  text = withoutNothing(text)
  let clean = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (!isBlank(unit)) continue
    if (unit == 0x20 && !(i + 1 < text.length && isBlank(text.charCodeAt(i + 1)))) continue // the usual one
    clean += text.substring(from, i) + ' '
    from = i + 1
    while (from < text.length && isBlank(text.charCodeAt(from))) from++
    i = from - 1
  }
  return from == 0 ? text : clean + text.substring(from)
}

function withoutNothing(text: string): string {
  let clean = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    if (!isNothing(text.charCodeAt(i))) continue
    clean += text.substring(from, i)
    from = i + 1
  }
  return from == 0 ? text : clean + text.substring(from)
}

function isBlank(unit: i32): bool {
  return unit == 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit == 0xa0 || unit == 0x2009 || unit == 0x202f || unit == 0x3000
}

function isNothing(unit: i32): bool {
  return unit == 0xad || (unit >= 0x200b && unit <= 0x200d) || unit == 0x2060 || unit == 0xfeff
}
