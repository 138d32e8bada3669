import type { AssistantPart } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { numberIn, objectIn, objectsIn, parsedObject, secondsIn, someText, textIn } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { laterUsage, type Usage } from '../../usage.js'
import type { StreamReader } from '../dialect.js'
import { callId } from '../tool-calls.js'
import { addPartial } from './calls.js'
import { blockedIn, readFailure } from './failure.js'
import { brokenBy, readFinish } from './finish.js'
import { annotationsIn, unquoted } from './grounding.js'
import { loneSignature, readPart } from './parts.js'
import { isSaid, readLogprobs } from './response-read.js'
import { queriesIn, readUsage } from './usage.js'

/** What is known of a candidate so far. */
interface Candidate {
  calls: number
  text: string
  /** Where in the text each part begins: pieces of one kind that follow each other are one. */
  readonly starts: number[]
  /** The kind of the last part. */
  last: string
  /** The call whose arguments come in pieces. */
  open: { readonly args: JsonObject; readonly call: number } | undefined
  finish: string | undefined
  /** In Gemini's words, what went wrong at the end. */
  finishMessage: string | undefined
  /** Something came that is meant for the client. */
  said: boolean
  /** Citations that were told. */
  readonly cited: Set<string>
}

/**
 * Reads the chunks of streamGenerateContent. The API has no end of its own: a stream is whole when every candidate said how it finished and the
 * connection was closed then, so both are told at the end; something may still come after a finish.
 */
export class GeminiStreamReader implements StreamReader {
  private started = false
  private failed = false
  private id = ''
  private readonly candidates = new Map<number, Candidate>()
  private usage: Usage | undefined
  private readonly queries = new Set<unknown>()
  private searches = 0

  constructor(private readonly sameDialect = false) {}

  read(frame: Frame): ChatEvent[] {
    if (frame.data === '' || frame.data === '[DONE]') return []
    const chunk = parsedObject(frame.data)
    if (chunk === undefined) throw badResponse('a chunk of the stream', 'a JSON object', frame.data)
    if (chunk.error !== undefined) return this.fail({ type: 'failure', failure: readFailure(0, chunk) })
    const events: ChatEvent[] = []
    this.start(chunk, events)
    const blocked = blockedIn(chunk)
    objectsIn(chunk.candidates).forEach((candidate, i) => {
      this.candidate(candidate, numberIn(candidate.index) ?? i, events)
    })
    this.count(chunk, events)
    if (blocked !== undefined) events.push(...this.fail({ type: 'failure', failure: blocked }))
    return events
  }

  end(): ChatEvent[] {
    if (this.failed) return [{ type: 'end' }]
    if (!this.whole) return []
    const failure = this.broken()
    if (failure !== undefined) return [{ type: 'failure', failure }, { type: 'end' }]
    const events: ChatEvent[] = []
    for (const [choice, candidate] of this.candidates) {
      this.close(candidate, choice, events)
      events.push({ type: 'finish', choice, reason: readFinish(candidate.finish ?? '', candidate.calls > 0) })
    }
    events.push({ type: 'end' })
    return events
  }

  hasFinished(choice: number): boolean {
    return this.candidates.get(choice)?.finish !== undefined
  }

  /** Whether everything there has to be was read. */
  get whole(): boolean {
    if (this.failed) return true
    for (const { finish } of this.candidates.values()) if (finish === undefined) return false
    return this.candidates.size > 0
  }

  /** Searches are told with what was found, in another chunk than the counts: again, or those that are new. */
  private count(chunk: JsonObject, events: ChatEvent[]): void {
    const queries = queriesIn(chunk)
    for (const query of queries) this.queries.add(query)
    this.searches = Math.max(this.searches, this.queries.size, queries.length)
    const said = readUsage(chunk)
    if (said === undefined && (this.usage === undefined || queries.length === 0)) return
    const usage = said === undefined ? this.usage : laterUsage(this.usage, said)
    if (usage === undefined) return
    this.usage = { ...usage, searches: this.searches }
    events.push({ type: 'usage', usage: this.usage })
  }

  /** The error of a stream in which no candidate said anything, and one broke off: Gemini's own clients have words for that. */
  private broken(): ProviderFailure | undefined {
    const candidates = [...this.candidates.values()]
    if (this.sameDialect || candidates.some(({ said }) => said)) return undefined
    return candidates.map(({ finish = '', finishMessage }) => brokenBy(finish, finishMessage)).find(Boolean)
  }

  private fail(event: ChatEvent): ChatEvent[] {
    this.failed = true
    return [event]
  }

  private start(chunk: JsonObject, events: ChatEvent[]): void {
    if (this.started) return
    this.started = true
    this.id = textIn(chunk.responseId)
    events.push({ type: 'start', id: this.id, model: textIn(chunk.modelVersion), created: secondsIn(chunk.createTime) })
  }

  private candidate(candidate: JsonObject, choice: number, events: ChatEvent[]): void {
    let known = this.candidates.get(choice)
    if (known === undefined) {
      known = newCandidate()
      this.candidates.set(choice, known)
    }
    for (const part of objectsIn(objectIn(candidate.content).parts)) {
      if (isObject(part.functionCall)) this.call(part, part.functionCall, known, choice, events)
      else this.part(part, known, choice, events)
    }
    if (this.sameDialect) this.native(candidate, choice, events)
    else this.annotations(candidate, known, choice, events)
    if (candidate.logprobsResult !== undefined) {
      events.push({ type: 'logprobs', choice, logprobs: readLogprobs(candidate.logprobsResult) })
    }
    known.finish = someText(candidate.finishReason) ?? known.finish
    known.finishMessage = someText(candidate.finishMessage) ?? known.finishMessage
  }

  private native(candidate: JsonObject, choice: number, events: ChatEvent[]): void {
    const members = Object.entries(candidate).filter(([name, value]) => NATIVE.has(name) && value !== undefined)
    if (members.length === 0) return
    const data: JsonObject = Object.fromEntries(members)
    if (isObject(data.groundingMetadata)) data.groundingMetadata = unquoted(data.groundingMetadata)
    events.push({ type: 'native', choice, data })
  }

  /** Chunks may repeat what those before had. */
  private annotations(candidate: JsonObject, known: Candidate, choice: number, events: ChatEvent[]): void {
    if (candidate.groundingMetadata === undefined && candidate.citationMetadata === undefined) return
    for (const annotation of annotationsIn(candidate, known.text, known.starts)) {
      const key = JSON.stringify(annotation)
      if (known.cited.has(key)) continue
      known.cited.add(key)
      events.push({ type: 'annotation', choice, annotation })
    }
  }

  private part(part: JsonObject, known: Candidate, choice: number, events: ChatEvent[]): void {
    const signature = known.last === 'thinking' ? loneSignature(part) : undefined
    if (signature !== undefined) {
      known.last = ''
      events.push({ type: 'signature', choice, signature })
      return
    }
    const read = readPart(part)
    const wire = someText(part.thoughtSignature)
    if (read !== undefined && !(read.type === 'text' && read.text === '')) this.shown(read, known, choice, events)
    // Another dialect has no place for it, and Gemini does not insist.
    const ofText = typeof part.text === 'string' && part.thought !== true
    if (this.sameDialect && ofText && wire !== undefined) {
      const data = { content: { role: 'model', parts: [{ text: '', thoughtSignature: wire }] } }
      events.push({ type: 'native', choice, data })
    }
  }

  private shown(read: AssistantPart, known: Candidate, choice: number, events: ChatEvent[]): void {
    this.close(known, choice, events)
    known.said ||= isSaid(read.type)
    if (known.last !== read.type) known.starts.push(known.text.length)
    known.last = read.type
    switch (read.type) {
      case 'text':
        known.text += read.text
        events.push({ type: 'text', choice, text: read.text })
        break
      case 'thinking':
        events.push({ type: 'thinking', choice, text: read.text, ...(read.id !== undefined && { id: read.id }) })
        if (read.signature !== undefined) known.last = ''
        if (read.signature !== undefined) events.push({ type: 'signature', choice, signature: read.signature })
        break
      case 'redacted_thinking':
        events.push({
          type: 'redacted_thinking',
          choice,
          data: read.data,
          ...(read.id !== undefined && { id: read.id })
        })
        break
      case 'image': {
        const { source, signature } = read
        if (source.kind !== 'base64') break
        const { media_type, data } = source
        events.push({ type: 'image', choice, media_type, data, ...(signature !== undefined && { signature }) })
        break
      }
      case 'audio':
        events.push({ type: 'audio', choice, data: read.data })
    }
  }

  /** A whole call; or the beginning of one, a piece of its arguments, or its end. */
  private call(part: JsonObject, call: JsonObject, known: Candidate, choice: number, events: ChatEvent[]): void {
    const name = someText(call.name)
    if (name !== undefined) {
      this.close(known, choice, events)
      const n = known.calls++
      known.said = true
      const signature = someText(part.thoughtSignature)
      const id = someText(call.id) ?? callId(this.id, choice, n, name)
      events.push({ type: 'tool_call', choice, call: n, id, name, ...(signature !== undefined && { signature }) })
      known.starts.push(known.text.length)
      known.open = { call: n, args: { ...objectIn(call.args) } }
      known.last = 'tool_call'
    }
    if (known.open === undefined) return
    for (const partial of objectsIn(call.partialArgs)) addPartial(known.open.args, partial)
    if (call.willContinue !== true) this.close(known, choice, events)
  }

  private close(known: Candidate, choice: number, events: ChatEvent[]): void {
    if (known.open === undefined) return
    events.push({ type: 'arguments', choice, call: known.open.call, text: JSON.stringify(known.open.args) })
    known.open = undefined
  }
}

function newCandidate(): Candidate {
  return {
    calls: 0,
    text: '',
    starts: [],
    last: '',
    open: undefined,
    finish: undefined,
    finishMessage: undefined,
    said: false,
    cited: new Set()
  }
}

/** Members of a candidate that no other dialect has. */
const NATIVE: ReadonlySet<string> = new Set([
  'groundingMetadata',
  'citationMetadata',
  'urlContextMetadata',
  'safetyRatings'
])
