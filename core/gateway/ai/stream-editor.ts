import type { ChatEvent } from '../../ai/events.js'
import { Fold } from '../../ai/fold.js'
import type { EventEditor } from '../../ai/streams/edited-source.js'
import { EventWatch } from '../../ai/streams/translate.js'
import type { Usage } from '../../ai/usage.js'
import { CompletionInput, DeltaInput, ToolCallInput } from '../../plugin-host/abi.js'
import type { Answering } from './answer-policies.js'
import { HeldCitations } from './held-citations.js'
import { HeldLogprobs } from './held-logprobs.js'
import { HeldTexts } from './held-texts.js'
import { eachPolicy, type HookCall, hasHook } from './hooks.js'
import { messageOfChoice } from './plugin-messages.js'
import { usageForPlugins } from './plugin-usage.js'
import { AnswerRefused } from './refused.js'
import { TextPieces } from './text-pieces.js'

type ToolCall = Extract<ChatEvent, { type: 'tool_call' }>
type Finish = Extract<ChatEvent, { type: 'finish' }>

/** A call that is put together, to be looked at as a whole. */
interface OpenCall {
  readonly event: ToolCall
  arguments: string
}

/** How an answer ends that policies have stopped, before its provider says anything of an end. */
export interface EarlyEnd {
  /** Choices that were asked for: while one of them may go on, so does the stream. */
  answers(): number
  /** What was used by then. */
  used(): Usage | undefined
}

/** What on_delta is told beside the event. */
interface Turn {
  /** Why the answer ended; undefined: there is more to come. */
  readonly finish?: string | undefined
  /** Nothing came for as long as a policy said it holds text back. */
  readonly late?: boolean
}

/**
 * What policies make of a stream: on_delta sees text as it comes and may hold it back, on_tool_call sees calls once they are whole, on_completion
 * the answer when it is over. Calls go out at the end of their choice, behind all text.
 */
export class StreamEditor implements EventEditor {
  /** What the provider said, whatever policies made of it. */
  readonly came = new EventWatch()
  private sequence = 0
  private readonly held: HeldTexts
  private readonly calls = new Map<number, OpenCall[]>()
  /** Choices a policy has ended. */
  private readonly stopped = new Set<number>()
  /** Choices that are over, whoever ended them. */
  private readonly finished = new Set<number>()
  /** Those of which the provider has said so. */
  private readonly told = new Set<number>()
  private readonly pieces = new TextPieces()
  private readonly logprobs = new HeldLogprobs()
  private readonly citations = new HeldCitations()
  private readonly fold = new Fold()
  private readonly looksAtText: boolean
  private readonly looksAtCalls: boolean

  constructor(
    private readonly call: HookCall,
    private readonly target: Answering,
    private readonly early?: EarlyEnd,
    now: () => number = () => performance.now()
  ) {
    this.held = new HeldTexts(now)
    this.looksAtText = hasHook(call, 'on_delta')
    this.looksAtCalls = hasHook(call, 'on_tool_call') || this.looksAtText
  }

  /** Log probabilities were left out, as policies held or changed the text they tell of. */
  get withoutLogprobs(): boolean {
    return this.logprobs.dropped
  }

  async events(events: readonly ChatEvent[]): Promise<ChatEvent[]> {
    const out: ChatEvent[] = []
    for (const event of events) {
      this.came.event(event)
      if (event.type === 'finish') this.told.add(event.choice)
    }
    for (const event of this.looksAtText ? this.pieces.of(events) : events) {
      this.pass(await this.edited(event), out)
      if (event.type === 'end') await this.completed()
    }
    return out
  }

  dueMs(): number | undefined {
    return this.held.dueMs()
  }

  async late(): Promise<ChatEvent[]> {
    const out: ChatEvent[] = []
    for (const choice of this.held.dueChoices()) {
      const freed = await this.delta(choice, undefined, { late: true })
      this.pass(this.citations.beside(choice, undefined, freed, this.holds(choice)), out)
    }
    return out
  }

  async end(): Promise<ChatEvent[]> {
    return this.rest()
  }

  /** A provider that has told the end of its choices ends the stream itself, with its usage. */
  get isStopped(): boolean {
    const { early, finished, stopped, told } = this
    const goesOn = [...stopped].some(choice => !told.has(choice))
    return early !== undefined && goesOn && finished.size >= early.answers()
  }

  async endEarly(): Promise<ChatEvent[]> {
    const out: ChatEvent[] = []
    const usage = this.early?.used()
    this.pass([...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]), { type: 'end' }], out)
    await this.completed()
    return out
  }

  private pass(events: readonly ChatEvent[], out: ChatEvent[]): void {
    for (const event of events) {
      this.fold.add(event)
      if (event.type === 'finish') this.finished.add(event.choice)
      out.push(event)
    }
  }

  /** What is held back still, of an answer that breaks off. */
  private async rest(): Promise<ChatEvent[]> {
    const out: ChatEvent[] = []
    for (const choice of this.held.choices()) {
      const freed = await this.delta(choice, undefined, { finish: 'error' })
      out.push(...this.citations.beside(choice, undefined, freed, false))
    }
    return out
  }

  private holds(choice: number): boolean {
    return this.held.choices().includes(choice)
  }

  private async edited(event: ChatEvent): Promise<ChatEvent[]> {
    if (!('choice' in event)) return this.judged(event)
    if (!this.looksAtCalls) return [event]
    if (event.type === 'logprobs') {
      this.logprobs.add(event)
      return []
    }
    if (this.stopped.has(event.choice)) return []
    const out = await this.judged(event)
    const held = this.holds(event.choice)
    return this.citations.beside(event.choice, event, this.logprobs.beside(event, out, held), held)
  }

  private async judged(event: ChatEvent): Promise<ChatEvent[]> {
    switch (event.type) {
      case 'text':
      case 'thinking':
      case 'refusal':
        return this.looksAtText ? this.delta(event.choice, event, {}) : [event]
      case 'tool_call':
        this.callsOf(event.choice).push({ event, arguments: '' })
        return []
      case 'arguments': {
        const open = this.callsOf(event.choice).find(({ event: { call } }) => call === event.call)
        if (open !== undefined) open.arguments += event.text
        return []
      }
      case 'finish':
        return this.finish(event)
      case 'failure':
      case 'end':
        return [...(await this.rest()), event]
      default:
        return [event]
    }
  }

  private async finish(event: Finish): Promise<ChatEvent[]> {
    const rest = this.looksAtText ? await this.delta(event.choice, undefined, { finish: event.reason }) : []
    if (this.stopped.has(event.choice)) return rest
    const open = this.callsOf(event.choice)
    const calls: ChatEvent[] = []
    let kept = 0
    for (const each of open) {
      const whole = await this.toolCall(each)
      if (whole.length > 0) kept++
      calls.push(...whole)
    }
    const reason = event.reason === 'tool_calls' && open.length > 0 && kept === 0 ? 'stop' : event.reason
    return [...rest, ...calls, { ...event, reason }]
  }

  private callsOf(choice: number): OpenCall[] {
    const known = this.calls.get(choice)
    if (known !== undefined) return known
    const made: OpenCall[] = []
    this.calls.set(choice, made)
    return made
  }

  /** One piece of an answer through the on_delta of every policy; where it ends, what is held must go out. */
  private async delta(
    choice: number,
    event: Extract<ChatEvent, { type: 'text' | 'thinking' | 'refusal' }> | undefined,
    { finish, late = false }: Turn
  ): Promise<ChatEvent[]> {
    const { held } = this
    const sequence = this.sequence++
    let thinking = event?.type === 'thinking' ? event.text : ''
    let refusal = event?.type === 'refusal' ? event.text : ''
    let text = event?.type === 'text' ? event.text : ''
    let reason = finish
    let dropped = false
    let stop = false
    const reply = await eachPolicy('on_delta', this.call, {
      input: ({ place }) => {
        const last = reason !== undefined
        const own = { held: held.of(place, choice), late: late && held.isDue(place, choice) }
        const told = { index: choice, sequence, text, thinking, refusal, last, finishReason: reason ?? '', ...own }
        return DeltaInput.encode(told).finish()
      },
      apply: (verdict, { place }) => {
        const was = held.take(place, choice)
        if (verdict.stop) {
          stop = true
          reason = 'content_filter' // for the policies behind, this is the end
        }
        const back = verdict.hold ?? ''
        if (verdict.drop) {
          dropped = true
          thinking = refusal = ''
        }
        const out = verdict.text ?? (verdict.hold === null && !verdict.drop ? was.text + text : '')
        if (reason === undefined) held.keep(place, choice, back, verdict.holdMs, late ? was : undefined)
        text = reason === undefined ? out : out + back
      },
      over: () => dropped && !stop && text === ''
    })
    if (reply !== undefined) throw new AnswerRefused(reply)
    const out: ChatEvent[] = []
    if (event !== undefined && event.type !== 'text' && !dropped) out.push(event)
    if (text !== '') out.push({ type: 'text', choice, text })
    if (stop) {
      this.stopped.add(choice)
      out.push({ type: 'finish', choice, reason: 'content_filter' })
    }
    return out
  }

  private async toolCall({ event, arguments: text }: OpenCall): Promise<ChatEvent[]> {
    const { choice, call, id, name } = event
    let now = text
    let dropped = false
    const reply = await eachPolicy('on_tool_call', this.call, {
      input: () => ToolCallInput.encode({ index: choice, call: { id, name, arguments: now } }).finish(),
      apply: verdict => {
        if (verdict.drop) dropped = true
        if (verdict.arguments !== null) now = verdict.arguments
      },
      over: () => dropped
    })
    if (reply !== undefined) throw new AnswerRefused(reply)
    return dropped ? [] : [event, { type: 'arguments', choice, call, text: now }]
  }

  /** It has gone out: policies may note what they make of it. */
  private async completed(): Promise<void> {
    if (!hasHook(this.call, 'on_completion')) return
    const { target } = this
    const { choices, usage, model } = this.fold.response()
    const input = CompletionInput.encode({
      provider: target.account.name,
      model: model || target.model,
      choices: choices.map(choice => ({ message: messageOfChoice(choice), finishReason: choice.finish_reason })),
      usage: usage && usageForPlugins(usage),
      streamed: true
    }).finish()
    await eachPolicy('on_completion', this.call, { input: () => input, apply: () => undefined })
  }
}
