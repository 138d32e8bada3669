import { MAX_WATCHED_TEXT, type StreamReader, type StreamWriter } from '../dialects/dialect.js'
import type { ChatEvent } from '../events.js'
import type { ProviderFailure } from '../failure.js'
import type { Frame } from '../frames/frame.js'
import type { Watched } from './passage.js'
import type { FrameTurn } from './passing.js'

/** Looks on at canonical events. */
export class EventWatch implements Watched {
  usage: Watched['usage']
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  model = ''
  supposed = false
  private parts: string[] = []
  private size = 0

  get text(): string {
    return this.parts.join('')
  }

  event(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        this.model = event.model
        return
      case 'usage':
        this.usage = event.usage
        return
      case 'failure':
        this.failure = event.failure
        return
      case 'end':
        this.ended = true
        return
      case 'finish':
        this.begun = true
        this.supposed ||= event.supposed === true
        return
      case 'text':
      case 'thinking':
      case 'refusal':
      case 'arguments':
        this.begun = true
        this.keep(event.text)
        return
      default:
        this.begun = true
    }
  }

  private keep(text: string): void {
    if (this.size > MAX_WATCHED_TEXT) return
    this.size += text.length
    this.parts.push(text)
  }
}

/** The frames of one dialect as frames of another. */
export class Translation implements FrameTurn {
  constructor(
    private readonly reader: StreamReader,
    private readonly writer: StreamWriter,
    private readonly watch: EventWatch
  ) {}

  frame(frame: Frame): Frame[] {
    return this.written(this.reader.read(frame))
  }

  end(): Frame[] {
    return this.written(this.reader.end())
  }

  fail(failure: ProviderFailure): Frame[] {
    return this.writer.write({ type: 'failure', failure })
  }

  private written(events: readonly ChatEvent[]): Frame[] {
    const frames: Frame[] = []
    for (const event of events) {
      if (this.watch.ended) break // providers repeat themselves; the client hears of one end
      this.watch.event(event)
      frames.push(...this.writer.write(event))
    }
    return frames
  }
}
