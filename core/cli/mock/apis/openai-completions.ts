import { Buffer } from 'node:buffer'
import { isObject } from '../../../ai/members.js'
import { answerTo } from '../answer.js'
import { type Call, data, type Endpoint, events, json, type Reply } from '../api.js'
import { count, promptTokens, strings, type Turn } from '../ask.js'
import { invalid } from '../failure.js'
import { CREATED } from '../state.js'
import { usageOf } from './openai-chat.js'
import { openaiErrors } from './openai-errors.js'

/** OpenAI's Completions: a text and how it goes on. */
export const completions: Endpoint = {
  method: 'POST',
  path: /\/(?:deployments\/([^/]+)\/)?completions$/,
  errors: openaiErrors,
  model: groups => groups[0] ?? '',
  handle
}

function handle(call: Call): Reply {
  const { prompt, max_tokens: limit, stop, stream, stream_options: options, echo } = call.json
  const prompts = strings(prompt)
  if (prompts.length === 0) throw invalid('you must provide a prompt parameter', 'prompt')
  const turns: Turn[] = prompts.map(each => ({ role: 'user', text: each, media: [] }))
  const answer = answerTo(
    {
      turns,
      tools: [],
      choice: 'none',
      parallel: false,
      format: undefined,
      maxTokens: count(limit) ?? 16,
      stop: strings(stop),
      think: 'no'
    },
    call.model,
    call.faults
  )
  const usage = usageOf(call, promptTokens(turns, undefined), answer, prompts.length)
  const head = { id: call.state.id('cmpl-'), object: 'text_completion', created: CREATED, model: call.model }
  const finish = answer.finish === 'filter' ? 'content_filter' : answer.finish
  if (stream !== true) {
    const choices = prompts.map((each, index) => {
      const text = (echo === true ? each : '') + answer.text.join('')
      return { text, index, logprobs: null, finish_reason: finish }
    })
    return json({ ...head, choices, ...(usage && { usage }) })
  }
  const include = isObject(options) && options.include_usage === true && usage !== undefined
  const chunk = (text: string, index: number, end: string | null): Buffer =>
    data({ ...head, choices: [{ text, index, logprobs: null, finish_reason: end }], ...(include && { usage: null }) })
  const frames = answer.text.flatMap(piece => prompts.map((_, index) => chunk(piece, index, null)))
  for (const [index] of prompts.entries()) frames.push(chunk('', index, finish))
  if (include) frames.push(data({ ...head, choices: [], usage }))
  frames.push(Buffer.from('data: [DONE]\n\n'))
  return events(frames, prompts.length + (include ? 2 : 1))
}
