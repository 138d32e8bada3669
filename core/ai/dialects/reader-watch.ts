import type { ChatEvent } from '../events.js'
import type { ProviderFailure } from '../failure.js'
import type { Frame } from '../frames/frame.js'
import type { Usage } from '../usage.js'
import { MAX_WATCHED_TEXT, type StreamReader, type StreamWatch } from './dialect.js'

/** Follows a stream by reading it as the dialect's own reader does. */
export class ReaderWatch implements StreamWatch {
  usage: Usage | undefined
  failure: ProviderFailure | undefined
  begun = false
  text = ''
  model = ''
  private sawEnd = false

  /** @param whole - whether all there has to be was seen, for dialects that have no end of their own */
  constructor(
    private readonly reader: StreamReader,
    private readonly whole: () => boolean = () => false
  ) {}

  get ended(): boolean {
    return this.sawEnd || this.whole()
  }

  frame(frame: Frame): void {
    let events: ChatEvent[]
    try {
      events = this.reader.read(frame)
    } catch {
      return // what passes untouched is the client's to judge
    }
    for (const event of events) this.note(event)
  }

  private note(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        if (event.model !== '') this.model = event.model
        break
      case 'usage':
        this.usage = event.usage
        break
      case 'failure':
        this.failure = event.failure
        break
      case 'end':
        this.sawEnd = true
        break
      case 'text':
      case 'thinking':
      case 'refusal':
      case 'arguments':
        this.begun = true
        if (this.text.length < MAX_WATCHED_TEXT) this.text += event.text
        break
      default:
        this.begun = true
    }
  }
}
