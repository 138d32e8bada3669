import type { StreamEnding, StreamReader, StreamWriter } from '../dialects/dialect.js'
import type { ChatEvent } from '../events.js'
import type { Frame } from '../frames/frame.js'
import { quartersOf } from '../tokens/rough.js'
import type { Usage } from '../usage.js'

/** The end of a stream in dialects that have no names for parts of an answer: what was read is written once more, and so is its end. */
export class WrittenEnding implements StreamEnding {
  quarters = 0
  over = false
  /** Choices that have begun, and not ended. */
  private readonly open = new Set<number>()

  constructor(
    private readonly reader: StreamReader,
    private readonly writer: StreamWriter
  ) {}

  see(frame: Frame): void {
    for (const event of this.reader.read(frame)) this.event(event)
  }

  end(usage: Usage): Frame[] {
    const open = [...this.open].filter(choice => this.reader.hasFinished?.(choice) !== true)
    const choices = this.open.size === 0 ? [0] : open
    const events: ChatEvent[] = [
      ...choices.map((choice): ChatEvent => ({ type: 'finish', choice, reason: 'length' })),
      { type: 'usage', usage },
      { type: 'end' }
    ]
    return events.flatMap(event => this.writer.write(event))
  }

  private event(event: ChatEvent): void {
    this.writer.write(event) // it has to know what is open
    if (event.type === 'end') this.over = true
    if (!('choice' in event)) return
    if (event.type === 'finish') this.open.delete(event.choice)
    else this.open.add(event.choice)
    if ('text' in event) this.quarters += quartersOf(event.text)
  }
}
