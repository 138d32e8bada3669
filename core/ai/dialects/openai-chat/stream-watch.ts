import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { KeptData } from '../../frames/kept-data.js'
import { parsed } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { laterUsage, type Usage } from '../../usage.js'
import type { StreamWatch } from '../dialect.js'
import { failureIn, readFailure } from './failure.js'
import { countIn, objectOf, objectsOf, optional, textIn } from './lenient.js'
import { answerParts, argumentsText } from './read-response.js'
import { DONE } from './stream-reader.js'
import { thoughtsOf } from './thoughts.js'
import { usageIn } from './usage.js'

/** Of most frames one look says that they have nothing but a piece of the answer. Within its text quotes are escaped: what is found is a member. */
const SAYS_MORE = /"(?:error"|base_resp"|usage"\s*:\s*\{|finish_reason"\s*:\s*"[^"]|index"\s*:\s*"?[1-9])/
const HAS_FAILURE = /"(?:error|base_resp)"/
const HAS_USAGE = /"usage"\s*:\s*\{/
/** A usage that says both what was asked with and what was answered. */
const SAYS_PROMPT = /"(?:prompt|input)_tokens"\s*:\s*"?[1-9]/
const SAYS_ANSWER = /"(?:completion|output)_tokens"\s*:\s*"?[1-9]/
/** How streams of images, speech and transcriptions end. */
const IS_LAST = /"type"\s*:\s*"[\w.]+\.(?:completed|done)"/
const HAS_FINISH = /"finish_reason"\s*:\s*"[^"]/
/** Of another choice than the first, or of another call. */
const HAS_INDEX = /"index"\s*:\s*"?[1-9]/
/** How nearly everybody writes a piece of text. */
const HAS_TEXT = /"delta":\{(?:"role":"assistant",)?"content":"[^"]/

export function streamWatch(): StreamWatch {
  return new ChunkWatch()
}

/**
 * Follows a stream without parsing it: once the answer began, a frame is searched for a few words. The last one with usage is parsed when
 * it is asked for, and the text is put together when it is.
 */
class ChunkWatch implements StreamWatch {
  begun = false
  failure: ProviderFailure | undefined
  model = ''
  private usageFrame = ''
  private usageRead: Usage | undefined
  private readonly kept = new KeptData()
  private isOver = false
  /** Choices that were seen, and whether they have finished. */
  private readonly choices = new Map<number, boolean>()
  /** How many have not. */
  private open = 0
  private several = false

  /** Some never say "[DONE]"; an answer all of whose choices have their reason to end is whole. */
  get ended(): boolean {
    return this.isOver || (this.choices.size > 0 && this.open === 0)
  }

  frame({ event, data }: Frame): void {
    if (data.length < DONE.length + 2 && data.trim() === DONE) {
      this.isOver = true
      return
    }
    // Of several choices each frame counts: it may be the first of one.
    if (event === 'error' || this.several || SAYS_MORE.test(data)) this.look(event, data)
    if (!this.begun) this.lookForBeginning(data)
    this.kept.add(data)
  }

  private look(event: string, data: string): void {
    if (event === 'error' || HAS_FAILURE.test(data)) this.lookForFailure(event, data)
    if (HAS_USAGE.test(data)) {
      // One that says less than both is no reason to forget the one before.
      if (this.usageFrame !== '' && !(SAYS_PROMPT.test(data) && SAYS_ANSWER.test(data))) this.readUsage()
      this.usageFrame = data
      if (IS_LAST.test(data)) this.isOver = true
    }
    const finishes = HAS_FINISH.test(data)
    if (!(this.several || finishes || HAS_INDEX.test(data))) return
    const choices = this.seen(objectOf(parsed(data)))
    // Whose end it is nobody knows where it is not that of a choice.
    if (finishes && choices === 0) this.isOver = true
  }

  /** @returns how many choices the chunk has */
  private seen(chunk: JsonObject): number {
    const choices = objectsOf(chunk.choices)
    choices.forEach((choice, i) => {
      this.seenChoice(countIn(choice.index) ?? i, optional(choice.finish_reason) !== undefined)
    })
    return choices.length
  }

  /** What comes after its end does not open a choice again: a few send usage, or what a filter found, then. */
  private seenChoice(index: number, finished: boolean): void {
    if (index > 0) this.several = true
    const known = this.choices.get(index)
    if (known === true || known === finished) return
    if (known === undefined && !finished) this.open++
    if (known === false) this.open--
    this.choices.set(index, finished)
  }

  get usage(): Usage | undefined {
    if (this.usageFrame !== '') this.readUsage()
    return this.usageRead
  }

  get text(): string {
    let text = ''
    for (const data of this.kept.all()) text += textOfChunk(objectOf(parsed(data)))
    return text
  }

  private readUsage(): void {
    const found = usageIn(objectOf(parsed(this.usageFrame)))
    if (found !== undefined) this.usageRead = laterUsage(this.usageRead, found)
    this.usageFrame = ''
  }

  private lookForFailure(event: string, data: string): void {
    const body = parsed(data)
    if (event === 'error') this.failure ??= readFailure(0, body ?? data)
    else if (isObject(body)) this.failure ??= failureIn(body)
  }

  /** Chunks that only say the role, or what a filter found of the prompt, are not the answer yet. */
  private lookForBeginning(data: string): void {
    if (this.model !== '' && HAS_TEXT.test(data)) {
      this.begun = true
      if (this.choices.size === 0) this.seenChoice(0, false)
      return
    }
    const chunk = objectOf(parsed(data))
    this.seen(chunk)
    if (this.model === '') this.model = textIn(chunk.model)
    this.begun =
      textOfChunk(chunk) !== '' ||
      objectsOf(chunk.choices).some(choice => {
        const delta = objectOf(choice.delta ?? choice.message)
        return optional(choice.finish_reason) !== undefined || delta.tool_calls || delta.audio || delta.images
      }) ||
      /^(?:image|transcript|speech)[._]/.test(textIn(chunk.type))
  }
}

/** What a chunk adds to the answer, as far as it is text a model wrote. */
function textOfChunk(chunk: JsonObject): string {
  let text = ''
  for (const choice of objectsOf(chunk.choices)) {
    const delta = objectOf(choice.delta ?? choice.message)
    for (const part of [...thoughtsOf(delta), ...answerParts(delta.content)]) {
      if (part.type === 'text' || part.type === 'thinking') text += part.text
    }
    text += textIn(choice.text) + textIn(delta.refusal)
    for (const call of objectsOf(delta.tool_calls)) {
      const said = objectOf(call.function ?? call.custom)
      text += textIn(said.name) + argumentsText(said.arguments ?? said.input)
    }
    const { name, arguments: args } = objectOf(delta.function_call)
    text += textIn(name) + textIn(args)
  }
  return text
}
