import type { Annotation } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { JsonObject } from '../../members.js'
import { carryCall, carryPart } from './carried.js'
import { isWhole } from './tool-input.js'

/** How a dialect whose answers are numbered blocks says what happens to one. */
export interface BlockSink {
  openText(index: number): void
  openThinking(index: number): void
  openCall(index: number, id: string, name: string): void
  redacted(index: number, data: string): void
  text(index: number, text: string): void
  thinking(index: number, text: string): void
  signature(index: number, signature: string): void
  arguments(index: number, text: string): void
  citation(index: number, annotation: Annotation): void
  close(index: number): void
  /** An event of a provider of the same dialect, about a block that goes by this number here. */
  native(index: number, event: JsonObject): void
}

interface OpenCall {
  readonly index: number
  arguments: string
}

/**
 * Cuts canonical events into blocks. One block is open at a time, but for calls whose arguments a provider tells side by side: those stay open
 * until they are whole.
 */
export class BlockWriter {
  private blocks = 0
  /** The block of text or thinking that is open. */
  private block:
    | { readonly kind: 'text' | 'thinking'; readonly index: number; readonly id: string | undefined }
    | undefined
  private readonly calls = new Map<number, OpenCall>()
  /** Citations that came where no text is open. */
  private readonly uncited: Annotation[] = []
  /** Blocks that are told as the provider tells them: their numbers here, by those there. */
  private readonly natives = new Map<unknown, number>()

  constructor(private readonly sink: BlockSink) {}

  /** @returns whether the event was one that makes blocks */
  write(event: ChatEvent): boolean {
    switch (event.type) {
      case 'text':
      case 'refusal':
        if (event.text !== '') this.sink.text(this.textBlock(), event.text)
        return true
      case 'annotation':
        this.cite(event.annotation)
        return true
      case 'thinking':
        this.think(event.text, event.id)
        return true
      case 'signature':
        this.sign(event.signature)
        return true
      case 'redacted_thinking':
        this.closeBlock()
        this.sink.redacted(this.blocks, carryPart(event.id, event.data))
        this.sink.close(this.blocks++)
        return true
      case 'tool_call':
        this.call(event)
        return true
      case 'arguments':
        this.argue(event.call, event.text)
        return true
      case 'native':
        this.native(event.data)
        return true
      // An answer made of blocks has no place for these.
      case 'image':
      case 'audio':
      case 'logprobs':
        return true
      default:
        return false
    }
  }

  closeAll(): void {
    this.closeBlock()
    for (const [call, open] of this.calls) this.closeCall(call, open)
  }

  private textBlock(): number {
    if (this.block?.kind === 'text') return this.block.index
    this.closeBlock()
    const index = this.blocks++
    this.block = { kind: 'text', index, id: undefined }
    this.sink.openText(index)
    for (const annotation of this.uncited.splice(0)) this.sink.citation(index, annotation)
    return index
  }

  /** What cites a text that is over waits for more text: a block without any would be refused when it comes back. */
  private cite(annotation: Annotation): void {
    if (this.block?.kind === 'text') this.sink.citation(this.block.index, annotation)
    else this.uncited.push(annotation)
  }

  private thinkingBlock(id: string | undefined): number {
    if (this.block?.kind === 'thinking' && (id === undefined || id === this.block.id)) return this.block.index
    this.closeBlock()
    const index = this.blocks++
    this.block = { kind: 'thinking', index, id }
    this.sink.openThinking(index)
    return index
  }

  private think(text: string, id: string | undefined): void {
    const index = this.thinkingBlock(id)
    if (text !== '') this.sink.thinking(index, text)
  }

  private sign(signature: string): void {
    const index = this.thinkingBlock(undefined)
    this.sink.signature(index, carryPart(this.block?.id, signature))
    this.block = undefined
    this.sink.close(index)
  }

  private call({ call, id, name, signature }: Extract<ChatEvent, { type: 'tool_call' }>): void {
    this.closeBlock()
    if (signature !== undefined) {
      const carrier = this.blocks++
      this.sink.openThinking(carrier)
      this.sink.signature(carrier, carryCall(signature))
      this.sink.close(carrier)
    }
    const index = this.blocks++
    this.calls.set(call, { index, arguments: '' })
    this.sink.openCall(index, id, name)
  }

  private native(event: JsonObject): void {
    if (event.type === 'content_block_start') {
      this.closeBlock()
      this.natives.set(event.index, this.blocks++)
    }
    // What is no part of such a block cites the text that is being told.
    this.sink.native(this.natives.get(event.index) ?? this.textBlock(), event)
    if (event.type === 'content_block_stop') this.natives.delete(event.index)
  }

  private argue(call: number, text: string): void {
    const open = this.calls.get(call)
    if (open === undefined || text === '') return
    open.arguments += text
    this.sink.arguments(open.index, text)
  }

  /** Ends what is open, but for calls that are not whole: more of them may come. */
  private closeBlock(): void {
    const block = this.block
    this.block = undefined
    if (block !== undefined) {
      if (block.kind === 'thinking' && block.id !== undefined)
        this.sink.signature(block.index, carryPart(block.id, undefined))
      this.sink.close(block.index)
    }
    for (const [call, open] of this.calls) if (isWhole(open.arguments)) this.closeCall(call, open)
  }

  private closeCall(call: number, open: OpenCall): void {
    this.calls.delete(call)
    this.sink.close(open.index)
  }
}
