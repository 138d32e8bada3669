import t from 'tap'
import { textOf } from '../../../core/ai/chat.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { openaiCompletions } from '../../../core/ai/dialects/openai-completions/index.js'
import { isObject, type JsonObject } from '../../../core/ai/members.js'
import { type Usage, usageOf } from '../../../core/ai/usage.js'
import { cutStreams, eventsOf, framesOf, joined, payloads, type Recording, recordings } from '../recordings.js'

t.setTimeout(300_000)

const RECORDINGS = recordings(
  'alibaba',
  'cerebras',
  'deepseek',
  'groq',
  'mistral',
  'moonshotai',
  'openai',
  'openai-compatible',
  'perplexity',
  'voyage',
  'xai'
).filter(({ name }) => !name.includes('responses_'))

const streams = RECORDINGS.filter(({ stream }) => stream)
const replies = RECORDINGS.filter(({ stream, response }) => !stream && response.status === 200)

t.ok(streams.length >= 18, `${streams.length} streams are found`)
t.ok(replies.length >= 25, `${replies.length} whole replies are found`)

for (const recording of streams) {
  const dialect = dialectOf(recording)
  const text = recording.response.text ?? ''
  const whole = eventsOf(dialect, framesOf(dialect, text))

  t.test(`${recording.name} says the same wherever its bytes are cut`, async t => {
    for (const cut of cutStreams(text)) {
      // Ids that a provider left out are made up: the recordings have them all.
      const read = (cuts: readonly number[]) => JSON.stringify(eventsOf(dialect, framesOf(dialect, cut.text, cuts)))
      const expected = read([])
      for (const cuts of cut.cuts) if (read(cuts) !== expected) t.fail(`cut at ${cuts}`)
    }
    t.equal(whole.at(0)?.type, 'start')
    t.equal(whole.at(-1)?.type, 'end')
  })

  t.test(`${recording.name} is read whole: text, reasoning, calls and usage`, async t => {
    t.strictSame(joined(whole), answerOf(payloads(recording)))
    const usages = whole.flatMap(event => (event.type === 'usage' ? [event.usage] : []))
    t.strictSame(usages.at(-1), usageIn(recording))
  })

  t.test(`${recording.name} is followed without being read`, async t => {
    const watch = dialect.streamWatch()
    let begun = -1
    framesOf(dialect, text).forEach((frame, i) => {
      watch.frame(frame)
      if (watch.begun && begun === -1) begun = i
    })
    const { text: said, thinking, refusal, calls } = joined(whole)
    t.strictSame(watch.usage, usageIn(recording), 'usage')
    t.ok(watch.ended && watch.begun && watch.failure === undefined, 'ended')
    t.ok(begun <= 2, 'begun early')
    t.equal(watch.model, payloads(recording).find(chunk => chunk.model !== '')?.model)
    const expected = said + thinking + refusal + calls.map(call => call.name + call.arguments).join('')
    t.strictSame([...watch.text].sort(), [...expected].sort(), 'the same characters')
  })
}

for (const recording of replies) {
  t.test(`${recording.name} says what it used`, async t => {
    const { json = {} } = recording.response
    t.strictSame(openaiChat.usage(json), usageIn(recording))
    t.equal(openaiChat.failureIn?.(json), undefined)
    if (!Array.isArray(json.choices)) return
    const read = dialectOf(recording).chat.readResponse(json)
    const expected = wholeAnswer(json)
    t.equal(textOf(read.choices[0]?.content ?? []), expected.text)
    const parts = read.choices[0]?.content ?? []
    t.equal(parts.map(part => (part.type === 'thinking' ? part.text : '')).join(''), expected.thinking)
    const calls = parts.flatMap(part => (part.type === 'tool_call' ? [[part.id, part.name, part.arguments]] : []))
    t.strictSame(calls, expected.calls)
    t.strictSame(read.usage, usageIn(recording))
    t.equal(read.choices[0]?.finish_reason, expected.finish)
  })
}

t.test('the prices of recordings are the providers’', async t => {
  const priced = RECORDINGS.map(recording => [recording.name, usageIn(recording)?.providerMicroDollars] as const)
  t.equal(priced.filter(([, price]) => price !== undefined).length, 8, 'of xAI')
  // 10 · $0.30 + 2 · $0.075 + 229 · $0.50 for a million: $117.65
  t.equal(priced.find(([name]) => name === 'xai/vercel__xai__xai-text.json')?.[1], 118)
})

t.test('pages that Perplexity names beside an answer are its citations', async t => {
  const cited = streams.find(({ name }) => name.includes('perplexity-citations'))
  t.ok(cited)
  if (cited === undefined) return
  const events = eventsOf(openaiChat, framesOf(openaiChat, cited.response.text ?? ''))
  const urls = events.flatMap(event => (event.type === 'annotation' ? [event.annotation.url] : []))
  t.strictSame(urls, payloads(cited).at(-1)?.citations)
  const whole = replies.find(({ name }) => name.includes('perplexity-citations'))?.response.json ?? {}
  const text = openaiChat.chat.readResponse(whole).choices[0]?.content.find(part => part.type === 'text')
  t.strictSame(
    text?.annotations?.map(each => each.url),
    whole.citations
  )
})

t.test('errors that were recorded are the caller’s', async t => {
  const errors = RECORDINGS.filter(({ response }) => response.status >= 400)
  t.equal(errors.length, 2)
  for (const { response } of errors) {
    const failure = openaiChat.readFailure(response.status, response.json)
    t.match(failure, { kind: 'invalid_request', status: 400, type: 'invalid_request_error' })
    t.ok(failure.param === 'max_tokens' || failure.param === 'response_format')
  }
})

function dialectOf({ kind }: Recording) {
  return kind === 'completions' ? openaiCompletions : openaiChat
}

/** The usage of a recording, worked out from its numbers by other code: reasoning that the total has and the answer has not is added. */
function usageIn(recording: Recording): Usage | undefined {
  const { json } = recording.response
  const bodies = json === undefined ? payloads(recording) : [json]
  const body = bodies.filter(each => isObject(each.usage)).at(-1)
  if (body === undefined) return undefined
  const usage = body.usage as Record<string, number> & Record<string, Record<string, number>>
  if (typeof usage.seconds === 'number') return usageOf({ audioSeconds: usage.seconds })
  const input = usage.prompt_tokens ?? usage.total_tokens ?? 0
  const completion = usage.completion_tokens ?? 0
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0
  const addsUp = usage.total_tokens === input + completion + reasoning
  const ticks = usage.cost_in_usd_ticks
  return usageOf({
    input,
    cacheRead: usage.prompt_tokens_details?.cached_tokens ?? usage.cached_tokens ?? 0,
    output: addsUp ? completion + reasoning : completion,
    reasoning,
    ...(usage.prompt_audio_seconds !== undefined && { audioSeconds: usage.prompt_audio_seconds }),
    ...(ticks !== undefined && { providerMicroDollars: Math.round(ticks / 1e4) }),
    ...(typeof body.service_tier === 'string' && { tier: body.service_tier })
  })
}

// biome-ignore lint/suspicious/noExplicitAny: the recordings are looked at as they are
type Raw = any

/** The answer of a stream, put together by other code. */
function answerOf(chunks: JsonObject[]) {
  const answer = { text: '', thinking: '', refusal: '', calls: [] as Raw[], finish: '' }
  for (const chunk of chunks as Raw[]) {
    for (const choice of chunk.choices ?? []) {
      const { content, reasoning, reasoning_content, refusal, tool_calls } = choice.delta ?? { content: choice.text }
      for (const part of Array.isArray(content) ? content : []) {
        if (part.type === 'thinking') answer.thinking += part.thinking[0].text
        else answer.text += part.text
      }
      if (typeof content === 'string') answer.text += content
      answer.thinking += reasoning_content ?? reasoning ?? ''
      answer.refusal += refusal ?? ''
      for (const call of tool_calls ?? []) {
        const last = answer.calls.at(-1)
        if (call.id && call.id !== last?.id) {
          answer.calls.push({ id: call.id, name: call.function.name, arguments: call.function.arguments })
        } else last.arguments += call.function.arguments ?? ''
      }
      answer.finish = choice.finish_reason ?? answer.finish
    }
  }
  return answer
}

function wholeAnswer(json: Raw) {
  const { message = { content: json.choices[0].text }, finish_reason } = json.choices[0]
  const { content, reasoning, reasoning_content, tool_calls } = message
  const parts: Raw[] = Array.isArray(content) ? content : []
  return {
    text: typeof content === 'string' ? content : parts.map(part => part.text ?? '').join(''),
    thinking: reasoning_content ?? reasoning ?? parts.map(part => part.thinking?.[0].text ?? '').join(''),
    calls: (tool_calls ?? []).map((call: Raw) => [call.id, call.function.name, call.function.arguments]),
    finish: finish_reason
  }
}
