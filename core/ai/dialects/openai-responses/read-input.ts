import { Refusal } from '../../../base/refusal.js'
import type { AssistantPart, ChatMessage, KeptItem, ToolMessage } from '../../chat.js'
import { badRequest, type JsonObject, type Members } from '../../members.js'
import { placed } from '../../places.js'
import { openSealed } from '../../signatures.js'
import { clientCall } from './client-calls.js'
import { readAssistantContent, readContent, readTexts } from './read-content.js'
import { readReasoning } from './reasoning.js'
import { toolOutput } from './tool-outputs.js'

/** The conversation of a request. */
export interface ReadInput {
  messages: ChatMessage[]
  /** Items that have no canonical shape, by where they stand. */
  extra: Map<string, unknown>
  /** Those of a request that stays in the dialect. */
  kept: KeptItem[]
}

/**
 * `instructions` and `input` as messages. Items of the model's side that follow each other (reasoning, calls, text) are one message, as other
 * dialects want it.
 */
export function readInput(body: Members, sameDialect: boolean, toSee: boolean): ReadInput {
  const reader = new InputReader(sameDialect, toSee)
  reader.instructions(body)
  const input = body.any('input')
  if (typeof input === 'string') reader.user(input)
  else if (input !== undefined || !(sameDialect || toSee)) {
    if (!Array.isArray(input)) return body.fail('input', 'a string or a list of items', input)
    const items = body.objects('input')
    reader.signatures(items)
    for (const item of items) reader.item(item)
  }
  return reader
}

class InputReader implements ReadInput {
  readonly messages: ChatMessage[] = []
  readonly extra = new Map<string, unknown>()
  readonly kept: KeptItem[] = []
  /** Signatures of tool calls, by the call's id: they came as items of their own. */
  private readonly callSignatures = new Map<string, string>()

  constructor(
    private readonly sameDialect: boolean,
    private readonly toSee: boolean
  ) {}

  instructions(body: Members): void {
    const value = body.any('instructions')
    if (typeof value === 'string') {
      if (value !== '') this.messages.push({ role: 'system', content: [{ type: 'text', text: value }] })
    } else if (Array.isArray(value)) for (const item of body.objects('instructions')) this.item(item)
    else if (value !== undefined) body.fail('instructions', 'a string or a list of items', value)
  }

  user(text: string): void {
    this.messages.push({ role: 'user', content: [{ type: 'text', text }] })
  }

  signatures(items: Members[]): void {
    for (const { object } of items) {
      if (object.type !== 'reasoning' || typeof object.encrypted_content !== 'string') continue
      const sealed = openSealed(object.encrypted_content)
      if (sealed.kind === 'call') this.callSignatures.set(sealed.callId, sealed.value)
    }
  }

  item(item: Members): void {
    const type = item.optionalText('type') ?? (item.any('role') === undefined ? 'item_reference' : 'message')
    switch (type) {
      case 'message':
        this.message(item)
        break
      case 'reasoning': {
        const part = readReasoning(item, this.toSee)
        if (part !== undefined) this.assistant(part, item.path)
        break
      }
      case 'function_call':
        this.call(item, item.optionalText('arguments') ?? '', false)
        break
      case 'custom_tool_call':
        this.call(item, item.text('input'), true)
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.output(item)
        break
      default:
        this.other(item, type)
        break
    }
  }

  private message(item: Members): void {
    const role = item.text('role')
    switch (role) {
      case 'user':
        this.messages.push(placed({ role, content: readContent(item, 'content', this.extra) }, item.path))
        break
      case 'system':
      case 'developer':
        this.messages.push(placed({ role, content: readTexts(item, 'content', this.extra) }, item.path))
        break
      case 'assistant':
        for (const part of readAssistantContent(item, this.extra)) this.assistant(part, item.path)
        break
      default:
        item.fail('role', '"user", "assistant", "system" or "developer"', role)
    }
  }

  private assistant(part: AssistantPart, path: string): void {
    const last = this.messages.at(-1)
    placed(part, path)
    if (last?.role === 'assistant') last.content.push(part)
    else this.messages.push(placed({ role: 'assistant', content: [part] }, path))
  }

  private call(item: Members, args: string, custom: boolean): void {
    const id = item.text('call_id')
    const signature = this.callSignatures.get(id)
    const part: AssistantPart = {
      type: 'tool_call',
      id,
      name: item.text('name'),
      arguments: args,
      ...(custom && { custom }),
      ...clientCall(item.object),
      ...(signature !== undefined && { signature })
    }
    this.assistant(part, item.path)
  }

  private output(item: Members): void {
    const message: ToolMessage = { role: 'tool', tool_call_id: item.text('call_id'), content: [] }
    for (const part of readContent(item, 'output', this.extra)) {
      if (part.type === 'audio') this.extra.set(`${item.at('output')} (input_audio)`, part)
      else message.content.push(part)
    }
    this.messages.push(placed(message, item.path))
  }

  /** Of OpenAI's own tools: policies see what was called, and what came of it. */
  private ownTool(item: JsonObject, path: string): boolean {
    const call = APPROVALS.has(item.type) ? undefined : clientCall(item)
    const output = toolOutput(item)
    if (call !== undefined) this.assistant(call, path)
    if (output?.call !== undefined) this.assistant(output.call, path)
    if (output !== undefined) this.messages.push(output.message)
    return call !== undefined || output !== undefined
  }

  private keep(item: Members): void {
    const { object } = item
    const path = `${item.path} (${item.optionalText('type') ?? 'item_reference'})`
    const last = this.messages.at(-1)
    // What the model says next goes into the same message.
    if (last?.role === 'assistant') {
      this.kept.push({ before: this.messages.length - 1, part: last.content.length, item: object, path })
    } else this.kept.push({ before: this.messages.length, part: 0, item: object, path })
  }

  /** What only OpenAI's models know. Some of it is history by reference: nobody else can look it up. */
  private other(item: Members, type: string): void {
    if ((this.sameDialect || this.toSee) && this.ownTool(item.object, item.path)) return
    if (this.sameDialect) this.keep(item)
    else if (HISTORY.has(type) && !this.toSee) throw cannotRead(item.path, type)
    else this.extra.set(`${item.path} (${type})`, item.object)
  }
}

/** Calls that are followed by no result. */
const APPROVALS: ReadonlySet<unknown> = new Set(['mcp_approval_request'])

const HISTORY: ReadonlySet<string> = new Set([
  'item_reference',
  'compaction',
  'compaction_summary',
  'context_compaction'
])

function cannotRead(path: string, type: string): Refusal {
  const why =
    type === 'item_reference'
      ? 'the item it refers to is not known here; send the item itself'
      : 'only the provider that made it can read it; send the items it stands for'
  const message = `${path}: ${type} cannot be used with this model: ${why}`
  return new Refusal('GW_AI_REQUEST_INVALID', message, [], { param: path, detail: message })
}

/** The items of an input as they came, a string as the message it stands for. */
export function inputItems(input: unknown): unknown[] {
  if (typeof input === 'string') {
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  }
  if (input === undefined || input === null) return []
  if (Array.isArray(input)) return input
  throw badRequest('input', 'a string or a list of items', input)
}
