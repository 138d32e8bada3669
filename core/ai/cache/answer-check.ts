import type { Buffer } from 'node:buffer'
import type { ChatResponse, FinishReason } from '../chat.js'
import type { ChatDialect, Dialect, StreamReader } from '../dialects/dialect.js'
import { Fold } from '../fold.js'
import type { Frame, FrameReader } from '../frames/frame.js'
import { isObject } from '../members.js'

/** What is to be known of an answer before it is stored. */
export interface Verdict {
  /** It is whole, and an answer: it did not break off, fail, or end for what it said. */
  readonly storable: boolean
  /** It is text alone: no calls of tools, which fit one question and no other. */
  readonly plain: boolean
  /** What it says; undefined: it is none that is storable. */
  readonly response: ChatResponse | undefined
}

const NO: Verdict = { storable: false, plain: false, response: undefined }

/** Ends that may be otherwise next time, or that nobody should get for somebody else's question. */
const NOT_STORED: ReadonlySet<FinishReason> = new Set(['content_filter', 'refusal', 'pause'])

/** Follows an answer on its way, piece by piece, to judge it at its end. Never throws. */
export class AnswerCheck {
  private readonly frames: FrameReader | undefined
  private readonly reader: StreamReader | undefined
  private readonly fold = new Fold()
  private broken = false

  constructor(
    private readonly dialect: Dialect,
    stream: boolean
  ) {
    if (!stream) return
    this.frames = dialect.framing.reader()
    this.reader = dialect.chat.streamReader()
  }

  feed(chunk: Buffer): void {
    if (this.frames === undefined || this.broken) return
    try {
      this.take(this.frames.feed(chunk))
    } catch {
      this.broken = true
    }
  }

  /** It will not be stored: nothing more need be looked at. */
  stop(): void {
    this.broken = true
  }

  /** @param whole - all its bytes */
  end(whole: Buffer): Verdict {
    if (this.broken) return NO
    try {
      if (this.frames === undefined) return judgeWhole(this.dialect.chat, whole)
      this.take(this.frames.end())
      for (const event of this.reader?.end() ?? []) this.fold.add(event)
    } catch {
      return NO
    }
    const { ended, failure, finished } = this.fold
    if (!ended || failure !== undefined || !finished) return NO
    return judge(this.fold.response())
  }

  private take(frames: readonly Frame[]): void {
    for (const frame of frames) for (const event of this.reader?.read(frame) ?? []) this.fold.add(event)
  }
}

function judgeWhole(chat: ChatDialect, whole: Buffer): Verdict {
  const body: unknown = JSON.parse(whole.toString())
  return isObject(body) ? judge(chat.readResponse(body)) : NO
}

function judge(response: ChatResponse): Verdict {
  const { choices } = response
  const storable =
    choices.length > 0 &&
    choices.every(({ content, finish_reason }) => !NOT_STORED.has(finish_reason) && content.length > 0)
  const plain =
    choices.length === 1 &&
    choices.every(
      ({ content, finish_reason }) =>
        finish_reason === 'stop' && content.every(({ type }) => type === 'text' || type === 'thinking')
    )
  return { storable, plain, response: storable ? response : undefined }
}
