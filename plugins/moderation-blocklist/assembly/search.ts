import { BodyKind, Coding, Decoder, Field, Settings, SourceText, walkJson } from '@sluice/plugin-sdk/assembly'
import { Automaton } from './automaton'
import { forgetHits, isDecided } from './hits'
import { Patterns } from './patterns'

/** Looks for the words and patterns of the settings in a body; what it finds goes to hits.ts. */

const words = new Automaton()
const patterns = new Patterns()
const texts = new Decoder()
const raw = new SourceText()
let fields: Field | null = null
let wordCount = 0

let body: usize = 0

/** Takes the settings in. Returns "" or what is wrong with them. */
export function prepareSearch(settings: Settings): string {
  const list = settings.strings('words')
  wordCount = list.length
  let wrong = words.fill(list, settings.bool('wholeWords', true))
  if (wrong == '') wrong = patterns.fill(settings.strings('patterns'))
  if (wrong != '') return wrong
  if (settings.has('fields')) fields = Field.of(settings.strings('fields'))
  return words.isEmpty && patterns.isEmpty ? 'name at least one word or pattern' : ''
}

/** The name of a rule: where it stands in the settings, not what it says. */
export function ruleName(rule: i32): string {
  if (rule < wordCount) return 'words[' + rule.toString() + ']'
  return 'patterns[' + (rule - wordCount).toString() + ']'
}

/** Looks through a body. Returns how what was found is written there, and so how a mask must be. */
export function search(at: usize, size: i32, kind: BodyKind): Coding {
  body = at
  texts.clear()
  const coding = read(size, kind)
  if (!patterns.isEmpty && !isDecided()) patterns.search(texts, wordCount)
  return coding
}

function read(size: i32, kind: BodyKind): Coding {
  if (kind == BodyKind.JSON) {
    if (walkJson(body, size, fields, lookAtString)) return Coding.JSON
    // Not JSON after all: some readers are lenient, so all of it is looked at, with the escapes read.
    forgetHits()
    texts.clear()
    lookAt(0, size, Coding.JSON)
    return Coding.JSON
  }
  const coding = kind == BodyKind.FORM ? Coding.FORM : kind == BodyKind.JSON_LIKE ? Coding.JSON : Coding.PLAIN
  lookAt(0, size, coding)
  return coding
}

function lookAtString(from: i32, to: i32, escaped: bool): bool {
  lookAt(from, to, escaped ? Coding.JSON : Coding.PLAIN)
  return !isDecided()
}

function lookAt(from: i32, to: i32, coding: Coding): void {
  const needsText = !patterns.isEmpty
  if (words.isEmpty || words.scan(body + <usize>from, body + <usize>to, body, coding)) {
    if (needsText && !isDecided()) texts.add(body, from, to, coding)
    return
  }
  if (!needsText) texts.clear()
  if (needsText || coding != Coding.PLAIN) {
    words.scanSlowly(texts.add(body, from, to, coding))
    return
  }
  raw.start = body + <usize>from
  raw.size = to - from
  raw.base = from
  words.scanSlowly(raw)
}
