import { Elements } from './elements'
import { EffectAnswerReader } from './gen/policy'
import { Json } from './json'
import { allValues, findName, firstValue } from './pairs'
import { Span, Spans } from './wire'

/** What came of one effect. Valid until the hook returns. */
@final
export class EffectAnswer {
  constructor(
    private readonly answer: EffectAnswerReader,
    private readonly asked: bool = true
  ) {}

  /** The name the plugin gave the effect. */
  get id(): string {
    return this.answer.id.text
  }

  /** Whether the host could do it. An HTTP answer of status 500 is one; a key that is not there too. */
  get ok(): bool {
    return this.asked && this.answer.error.empty
  }

  /**
   * "" when it worked, else "timeout", "too-large", "denied", "loop", "unreachable", "not-found" or "failed"; "not-asked" for
   * an answer that is not there.
   */
  get error(): string {
    return this.asked ? this.answer.error.text : 'not-asked'
  }

  /** HTTP: the status; 0 when there is none. */
  get status(): i32 {
    return <i32>this.answer.status
  }

  /** HTTP: the first value of a header, by its name in any case; "" when it is absent. */
  header(name: string): string {
    return firstValue(this.answer.headers, name)
  }

  /** HTTP: every value of a header. */
  headers(name: string): string[] {
    return allValues(this.answer.headers, name)
  }

  hasHeader(name: string): bool {
    return findName(this.answer.headers, name, 0) >= 0
  }

  /** HTTP: how many header lines there are; headerName(i) and headerValue(i) are theirs. */
  get headerCount(): i32 {
    return this.answer.headers.length >> 1
  }

  headerName(index: i32): string {
    return this.answer.headers.text(index << 1)
  }

  headerValue(index: i32): string {
    return this.answer.headers.text((index << 1) + 1)
  }

  /** HTTP: the body. Key-value: the value. Secret, key set: the text. */
  bodyText(): string {
    return this.answer.body.text
  }

  /** A copy of the body. */
  bodyBytes(): Uint8Array {
    return this.answer.body.bytes
  }

  get bodySize(): i32 {
    return this.answer.body.size
  }

  /** The body as JSON; a value that is MISSING when it is none. */
  json(): Json {
    return Json.readAt(this.answer.body.at, this.answer.body.size)
  }

  /** Key-value: whether the key was there; after kvSwap whether it was set. */
  get found(): bool {
    return this.answer.found
  }

  /** After kvAdd: the new number. */
  get number(): i64 {
    return this.answer.number
  }
}

/** What get() gives for a name nobody asked for. */
// @ts-ignore: decorator
@lazy const absent = new EffectAnswer(new EffectAnswerReader(), false)

/** The answers to everything a hook asked for, in the order it asked. Valid until the hook returns. */
@final
export class EffectAnswers {
  private readonly list: Elements<EffectAnswer, EffectAnswerReader>

  constructor(
    private readonly asked: Span,
    answers: Spans
  ) {
    this.list = new Elements<EffectAnswer, EffectAnswerReader>(answers)
  }

  /** The hook that asked, such as "on_request". */
  get hook(): string {
    return this.asked.text
  }

  get length(): i32 {
    return this.list.length
  }

  at(index: i32): EffectAnswer {
    return this.list.at(index)
  }

  has(id: string): bool {
    return this.indexOf(id) >= 0
  }

  /** The answer to the effect of that name; one with the error "not-asked" when there is none. */
  get(id: string): EffectAnswer {
    const index = this.indexOf(id)
    return index >= 0 ? this.list.at(index) : absent
  }

  private indexOf(id: string): i32 {
    for (let i = 0; i < this.list.length; i++) if (this.list.at(i).id == id) return i
    return -1
  }
}
