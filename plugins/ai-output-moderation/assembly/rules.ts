import { isWordPoint, pointAt, pointBefore, Regex, Settings, WordSet } from '@sluice/plugin-sdk/assembly'
import { PlainText, plainWords } from './plain'

export enum Action {
  STOP,
  MASK,
  TAG
}

/** Places of one rule in one text; more of them is as many as this. */
const MAX_HITS: i32 = 4096

/** Where a rule is met: bytes of a text. */
@final
export class Hit {
  constructor(
    readonly rule: Rule,
    readonly from: i32,
    readonly to: i32
  ) {}
}

/** Something that is looked for. */
@final
export class Rule {
  constructor(
    readonly name: string,
    readonly action: Action,
    private readonly words: WordSet | null,
    private readonly wholeWords: bool,
    private readonly patterns: Regex[]
  ) {}

  find(bytes: Uint8Array, plain: PlainText, hits: Hit[]): void {
    const words = this.words
    if (words !== null) {
      const found = words.findAll(plain.bytes, MAX_HITS)
      for (let i = 0; i < found.length; i++) {
        const word = found[i]
        if (this.wholeWords && !standsAlone(plain.bytes, word.start, word.end)) continue
        hits.push(new Hit(this, plain.sourceOf(word.start), plain.sourceOf(word.end)))
      }
    }
    for (let i = 0; i < this.patterns.length; i++) {
      const found = this.patterns[i].findAll(bytes, MAX_HITS)
      for (let j = 0; j < found.length; j++) {
        if (found[j].end > found[j].start) hits.push(new Hit(this, found[j].start, found[j].end))
      }
    }
  }
}

let rules: Rule[] = []

/** Takes the rules in. Returns "" or what is wrong with them. */
export function prepareRules(settings: Settings): string {
  const usual = settings.string('action', 'stop')
  const given = settings.objects('rules')
  rules = []
  for (let i = 0; i < given.length; i++) {
    const wrong = prepareRule(given[i], usual)
    if (wrong != '') return 'rules[' + i.toString() + ']' + wrong
  }
  return ''
}

/** Where the rules are met that stop or mask (or all of them), in the order of the text. */
export function hitsIn(bytes: Uint8Array, all: bool): Hit[] {
  const hits: Hit[] = []
  const plain = PlainText.of(bytes)
  for (let i = 0; i < rules.length; i++) {
    if (all || rules[i].action != Action.TAG) rules[i].find(bytes, plain, hits)
  }
  if (hits.length > 1) hits.sort((a, b) => (a.from == b.from ? b.to - a.to : a.from - b.from))
  return hits
}

/** Whether any rule does more than note. */
export function enforces(): bool {
  for (let i = 0; i < rules.length; i++) if (rules[i].action != Action.TAG) return true
  return false
}

function prepareRule(given: Settings, usual: string): string {
  const list = given.strings('words')
  let words: WordSet | null = null
  if (list.length > 0) {
    words = WordSet.compile(plainWords(list), true)
    if (words === null) return '.words: too many, or one is empty'
  }
  const patterns: Regex[] = []
  const sources = given.strings('patterns')
  for (let i = 0; i < sources.length; i++) {
    const pattern = Regex.compile(sources[i])
    if (pattern === null) return '.patterns[' + i.toString() + ']: not a regular expression of RE2, or too large'
    patterns.push(pattern)
  }
  rules.push(new Rule(given.string('name'), actionOf(given.string('action', usual)), words, given.bool('wholeWords', true), patterns))
  return ''
}

/** Whether no letter or digit stands next to it; in languages that have no blanks between words, anything may. */
function standsAlone(bytes: Uint8Array, from: i32, to: i32): bool {
  const start = bytes.dataStart
  const end = start + <usize>bytes.length
  const first = start + <usize>from
  const behind = start + <usize>to
  if (from > 0 && isWordPoint(pointAt(first, end)) && isWordPoint(pointBefore(start, first))) return false
  return behind == end || !isWordPoint(pointBefore(start, behind)) || !isWordPoint(pointAt(behind, end))
}

function actionOf(name: string): Action {
  if (name == 'mask') return Action.MASK
  return name == 'tag' ? Action.TAG : Action.STOP
}
