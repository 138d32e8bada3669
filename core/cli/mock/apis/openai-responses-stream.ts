import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../ai/members.js'
import type { Answer } from '../answer.js'
import { type ErrorForm, events, type Reply } from '../api.js'
import { optionalObjects, text } from '../ask.js'
import { openaiErrors } from './openai-errors.js'

/** Errors of Responses: OpenAI's bodies; within a stream an event of the type `error`. */
export const responseErrors: ErrorForm = {
  body: openaiErrors.body,
  frame: (failure, after) => {
    const { error } = openaiErrors.body(failure)
    return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: after, error })}\n\n`)
  }
}

/** The events in which a response comes into being. */
export function responseEvents(response: JsonObject, answer: Answer): Reply {
  const writer = new Writer()
  const begun = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null
  }
  writer.add('response.created', { response: begun })
  writer.add('response.in_progress', { response: begun })
  const calls = answer.calls.values()
  for (const [index, item] of optionalObjects(response.output).entries()) {
    if (item.type === 'reasoning') addReasoning(writer, item, index, answer.reasoning)
    else if (item.type === 'message') addMessage(writer, item, index, answer.text)
    else addCall(writer, item, index, calls.next().value?.arguments ?? [])
  }
  writer.add(`response.${String(response.status)}`, { response })
  return events(writer.frames, 1)
}

class Writer {
  readonly frames: Buffer[] = []

  add(type: string, members: JsonObject): void {
    const value = { type, ...members, sequence_number: this.frames.length }
    this.frames.push(Buffer.from(`event: ${type}\ndata: ${JSON.stringify(value)}\n\n`))
  }
}

function addReasoning(writer: Writer, item: JsonObject, index: number, reasoning: readonly string[]): void {
  const at = { item_id: item.id, output_index: index, summary_index: 0 }
  writer.add('response.output_item.added', { output_index: index, item: { ...item, summary: [] } })
  if (reasoning.length > 0) {
    const whole = reasoning.join('')
    writer.add('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } })
    for (const delta of reasoning) writer.add('response.reasoning_summary_text.delta', { ...at, delta })
    writer.add('response.reasoning_summary_text.done', { ...at, text: whole })
    writer.add('response.reasoning_summary_part.done', { ...at, part: { type: 'summary_text', text: whole } })
  }
  writer.add('response.output_item.done', { output_index: index, item })
}

function addMessage(writer: Writer, item: JsonObject, index: number, pieces: readonly string[]): void {
  const at = { item_id: item.id, output_index: index, content_index: 0 }
  const empty = { type: 'output_text', annotations: [], logprobs: [], text: '' }
  const whole = pieces.join('')
  writer.add('response.output_item.added', {
    output_index: index,
    item: { ...item, status: 'in_progress', content: [] }
  })
  writer.add('response.content_part.added', { ...at, part: empty })
  for (const delta of pieces) writer.add('response.output_text.delta', { ...at, delta, logprobs: [] })
  writer.add('response.output_text.done', { ...at, text: whole, logprobs: [] })
  writer.add('response.content_part.done', { ...at, part: { ...empty, text: whole } })
  writer.add('response.output_item.done', { output_index: index, item })
}

function addCall(writer: Writer, item: JsonObject, index: number, pieces: readonly string[]): void {
  const at = { item_id: item.id, output_index: index }
  const begun = { ...item, status: 'in_progress', arguments: '' }
  writer.add('response.output_item.added', { output_index: index, item: begun })
  for (const delta of pieces) writer.add('response.function_call_arguments.delta', { ...at, delta })
  writer.add('response.function_call_arguments.done', { ...at, arguments: text(item.arguments) })
  writer.add('response.output_item.done', { output_index: index, item })
}
