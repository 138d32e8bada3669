import type { Frame } from '../../frames/frame.js'
import { textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamEnding, Wish } from '../dialect.js'
import { type OpenItem, openItem } from './open-item.js'
import { beginReply, ending, responseId } from './reply.js'
import { parseEvent } from './stream-reader.js'
import { TERMINAL } from './stream-watch.js'
import { writeUsage } from './usage.js'

/**
 * Follows a response as its client sees it, whoever wrote it, and ends it where the client is: with the ids and places of the items it knows,
 * what they have so far, and the numbers of events going on.
 */
export class ResponseEnding implements StreamEnding {
  over = false
  private response: JsonObject | undefined
  private sequence = -1
  private readonly items = new Map<number, OpenItem>()
  private frames: Frame[] = []

  constructor(private readonly wish: Wish) {}

  get quarters(): number {
    let quarters = 0
    for (const item of this.items.values()) quarters += item.quarters
    return quarters
  }

  see(frame: Frame): void {
    if (frame.data === '[DONE]') return
    const event = parseEvent(frame)
    const { sequence_number: number } = event
    this.sequence = typeof number === 'number' ? number : this.sequence + 1
    const type = textIn(event.type ?? frame.event)
    if (TERMINAL.has(type)) this.over = true
    else if (isObject(event.response)) this.response = event.response
    else if (type.startsWith('response.')) this.item(this.placeOf(type, event.output_index)).see(type, event)
  }

  end(usage: Usage): Frame[] {
    this.frames = []
    const places = [...this.items.keys()].sort((a, b) => a - b)
    const items = places.map(index => this.item(index))
    for (const item of items) item.end()
    const reply = this.response ?? beginReply(responseId('', this.wish), '', 0, this.wish)
    const { status, incomplete_details } = ending('length', false)
    const output = items.map(({ item }) => item)
    this.say(`response.${status}`, {
      response: { ...reply, status, incomplete_details, output, usage: writeUsage(usage) }
    })
    return this.frames
  }

  /** Items of a provider that does not say their place follow each other. */
  private placeOf(type: string, index: unknown): number {
    if (typeof index === 'number') return index
    return type === 'response.output_item.added' ? this.items.size : Math.max(0, this.items.size - 1)
  }

  private item(index: number): OpenItem {
    let item = this.items.get(index)
    if (item === undefined) {
      item = openItem(index, (type, members) => this.say(type, members))
      this.items.set(index, item)
    }
    return item
  }

  private say(type: string, members: JsonObject): void {
    this.frames.push({ event: type, data: JSON.stringify({ type, sequence_number: ++this.sequence, ...members }) })
  }
}
