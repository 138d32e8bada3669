import { Json, MessageView, PromptView, Regex, Settings, utf8Bytes, WordSet } from '@sluice/plugin-sdk/assembly'
import { askedNow } from './asked'
import { EASY, HARD } from './words'

const MATH = '\\$\\$|\\\\\\(|\\\\\\[|\\\\(?:frac|sum|int|sqrt|begin)\\b|[∑∏∫√∂∇∀∃≤≥≠≈∈]|\\b[a-z]\\s?\\^\\s?[0-9a-z]|\\b[a-z]\\([a-z]\\)\\s*=|\\b[0-9]+\\s?[*^/]\\s?[0-9]+\\b'
const CODE = '(?m)^\\s*(?:#include\\b|import [\\w{*]|from \\w+ import\\b|def \\w+\\(|class \\w+|(?:public|private|static) \\w+|(?:async )?function\\b|(?:const|let|var) \\w+\\s*=|SELECT\\b.*\\bFROM\\b|fn \\w+|func \\w+)'
const CHARACTERS_OF_TOKEN: f64 = 4

/** How hard prompts are. */
@final
export class Scale {
  private readonly own: f64[] = []
  private words: WordSet | null = null
  private math: Regex | null = null
  private code: Regex | null = null
  private why: string = ''
  private sum: f64 = 0

  constructor(private readonly weights: Settings) {}

  /** Takes the operator's words in. Returns "" or what is wrong with them. */
  fill(keywords: Settings[]): string {
    this.math = Regex.compile(MATH)
    this.code = Regex.compile(CODE)
    // Of a word given twice the first counts: the operator's rather than a built-in one.
    const words: string[] = []
    for (let i = 0; i < keywords.length; i++) {
      const word = keywords[i].string('text').trim()
      if (word == '' || word.includes('\n')) return 'keywords[' + i.toString() + '].text is no word'
      words.push(word)
      this.own.push(keywords[i].float('weight', 2))
    }
    this.words = WordSet.compile(words.concat(HARD).concat(EASY), true, true)
    return this.words === null ? 'keywords: there are too many' : ''
  }

  /** What made the score, "tokens:2,code:4". */
  get reasons(): string {
    return this.why
  }

  of(prompt: PromptView): f64 {
    this.sum = 0
    this.why = ''
    const asked = askedNow(prompt)
    this.countConversation(prompt)
    this.add('tools', 0.5, min(prompt.tools.length, 8))
    this.countParameters(prompt.parameters())
    const bytes = utf8Bytes(asked)
    this.add('code', 2, min(this.blocks(asked, bytes), 3))
    this.add('math', 2, isFound(this.math, bytes) ? 1 : 0)
    this.add('questions', 1, min(max(0, count(asked, '?') + count(asked, '？') - 1), 3))
    this.countWords(bytes)
    return this.sum
  }

  private countConversation(prompt: PromptView): void {
    let characters = 0
    let turns = 0
    let images = 0
    for (let i = 0; i < prompt.messages.length; i++) {
      const message = prompt.messages.at(i)
      if (message.role == 'user') turns++
      characters += message.text.length
      images += mediaIn(message)
    }
    for (let i = 0; i < prompt.tools.length; i++) characters += prompt.tools.at(i).parametersText.length + prompt.tools.at(i).description.length
    const counted = <f64>prompt.estimatedTokens
    const tokens = counted > 0 ? counted : <f64>characters / CHARACTERS_OF_TOKEN
    this.add('tokens', 1, min(tokens / 1000, 10))
    this.add('turns', 0.25, min(max(0, turns - 1), 12))
    this.add('images', 1, min(images, 3))
  }

  private countParameters(parameters: Json): void {
    this.add('schema', 1, parameters.get('response_format').get('type').asString() == 'json_schema' ? 1 : 0)
    const reasoning = parameters.get('reasoning')
    const effort = reasoning.get('effort').asString()
    const wanted = effort == 'medium' || effort == 'high' || effort == 'xhigh' || reasoning.get('budget_tokens').asNumber() > 0
    this.add('reasoning', 2, wanted ? 1 : 0)
  }

  /** Blocks of code: those in fences, or one where lines look like code. */
  private blocks(asked: string, bytes: Uint8Array): i32 {
    const fences = count(asked, '```')
    return fences > 0 ? (fences + 1) >> 1 : isFound(this.code, bytes) ? 1 : 0
  }

  private countWords(bytes: Uint8Array): void {
    const set = this.words
    if (set === null) return
    const found = set.findAll(bytes)
    const seen: i32[] = []
    let hard = 0
    let easy = 0
    for (let i = 0; i < found.length; i++) {
      const word = found[i].word
      if (seen.includes(word)) continue
      seen.push(word)
      const own = this.own.length
      if (word < own) this.addWeight('keyword', this.own[word])
      else if (word - own < HARD.length) hard++
      else easy++
    }
    this.add('hard', 2, min(hard, 3))
    this.add('easy', -1, min(easy, 2))
  }

  private add(name: string, usual: f64, times: f64): void {
    if (times > 0) this.addWeight(name, this.weights.float(name, usual) * times)
  }

  private addWeight(name: string, weight: f64): void {
    const rounded = Math.round(weight * 100) / 100
    if (rounded == 0) return
    this.sum += rounded
    this.why += (this.why == '' ? '' : ',') + name + ':' + Json.number(rounded).toString()
  }
}

function isFound(pattern: Regex | null, bytes: Uint8Array): bool {
  return pattern !== null && pattern.testBytes(bytes)
}

function mediaIn(message: MessageView): i32 {
  let media = 0
  for (let i = 0; i < message.content.length; i++) {
    const type = message.content.at(i).type
    if (type == 'image' || type == 'file' || type == 'audio') media++
  }
  return media
}

function count(text: string, part: string): i32 {
  let times = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) times++
  return times
}
