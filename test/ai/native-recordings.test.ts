import { Buffer } from 'node:buffer'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { cohere } from '../../core/ai/dialects/cohere/index.js'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import { gemini } from '../../core/ai/dialects/gemini/index.js'
import { ollamaChat } from '../../core/ai/dialects/ollama-chat/index.js'
import type { JsonObject } from '../../core/ai/members.js'
import type { Usage } from '../../core/ai/usage.js'
import { eventsOf, FIXTURES, halves, joined, type Recording, recordingsOf } from './support/replay.js'

const DIALECTS: readonly [provider: string, dialect: Dialect][] = [
  ['gemini', gemini],
  ['vertex', gemini],
  ['cohere', cohere],
  ['togetherai', cohere],
  ['voyage', cohere],
  ['ollama', ollamaChat]
]

for (const [provider, dialect] of DIALECTS) {
  for (const recording of recordingsOf(provider)) {
    t.test(`${recording.id} is read as its golden file says`, async t => {
      const read = JSON.parse(JSON.stringify(readingOf(dialect, recording)))
      const file = `${FIXTURES}golden/${provider}/${recording.id}.json`
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, `${JSON.stringify(read, undefined, 1)}\n`)
      }
      t.ok(existsSync(file), 'there is a golden file')
      t.strictSame(read, JSON.parse(readFileSync(file, 'utf8')))
    })

    if (recording.response.status === 200) {
      t.test(`${recording.id} says exactly what it used`, async t => {
        const expected = expectedUsage(provider, recording)
        t.match(usageOf(dialect, recording) ?? {}, expected ?? {})
        t.equal(usageOf(dialect, recording) === undefined, expected === undefined)
      })
    }
    if (recording.stream) {
      t.test(`${recording.id} is read the same wherever its bytes are cut`, async t => {
        const bytes = Buffer.from(recording.response.text ?? '')
        const whole = JSON.stringify(eventsOf(dialect, [bytes]))
        const same = (at: number) => JSON.stringify(eventsOf(dialect, halves(bytes, at))) === whole
        for (let at = 0; at <= Math.min(2_048, bytes.length); at++) if (!same(at)) t.fail(`cut at ${at}`)
        fc.assert(fc.property(fc.nat(bytes.length), same), { numRuns: 200 })
        const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
        t.equal(JSON.stringify(eventsOf(dialect, single)), whole, 'byte by byte')
      })

      t.test(`${recording.id} can be followed while it passes untouched`, async t => {
        const watch = dialect.streamWatch()
        const frames = dialect.framing.reader()
        for (const frame of frames.feed(Buffer.from(recording.response.text ?? ''))) watch.frame(frame)
        const events = eventsOf(dialect, [Buffer.from(recording.response.text ?? '')])
        t.strictSame(watch.usage, usageOf(dialect, recording))
        t.ok(watch.ended && watch.begun && watch.failure === undefined)
        const told = events.flatMap(each => (each.type === 'text' || each.type === 'thinking' ? [each.text] : []))
        t.ok(told.every(text => watch.text.includes(text)))
      })
    }
  }
}

/** What a golden file keeps. */
function readingOf(dialect: Dialect, { kind, stream, response }: Recording): unknown {
  if (stream) return joined(eventsOf(dialect, [Buffer.from(response.text ?? '')]))
  const body = response.json ?? {}
  if (response.status !== 200) return dialect.readFailure(response.status, body)
  if (body.results !== undefined || (kind === 'rerank' && body.data !== undefined))
    return dialect.rerank?.readResponse(body)
  if (kind === 'embeddings' && !('data' in body)) return dialect.embeddings?.readResponse(body)
  return kind === 'embeddings' ? dialect.usage(body) : dialect.chat.readResponse(body)
}

function usageOf(dialect: Dialect, { stream, response }: Recording): Usage | undefined {
  if (!stream) return dialect.usage(response.json ?? {})
  const events = eventsOf(dialect, [Buffer.from(response.text ?? '')])
  return events.flatMap(event => (event.type === 'usage' ? [event.usage] : [])).at(-1)
}

/** From the raw JSON, by other code than what is tested. */
function expectedUsage(provider: string, { stream, response }: Recording): Partial<Usage> | undefined {
  const lines = stream ? (response.text ?? '').split('\n').map(line => line.replace(/^data: /, '')) : []
  const bodies = (
    stream ? lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line)) : [response.json]
  ) as Raw[]
  let found: Partial<Usage> | undefined
  for (const body of bodies) {
    const meta = body.usageMetadata
    if (meta?.promptTokenCount !== undefined) {
      const reasoning = meta.thoughtsTokenCount ?? 0
      found = { input: meta.promptTokenCount, output: meta.candidatesTokenCount + reasoning, reasoning, cacheRead: 0 }
    }
    if (body.predictions)
      found = { input: body.predictions.reduce((sum, p) => sum + p.embeddings.statistics.token_count, 0), output: 0 }
    const usage = body.usage ?? body.delta?.usage ?? body.meta
    if (usage?.tokens) {
      const { input_tokens: input, output_tokens: output } = usage.tokens
      const billed = { input: usage.billed_units?.input_tokens, output: usage.billed_units?.output_tokens }
      found = { input, output, cacheRead: usage.cached_tokens, billed } as Partial<Usage>
    } else if (usage?.total_tokens !== undefined) found = { input: usage.total_tokens, output: 0 }
    else if (usage?.billed_units?.input_tokens !== undefined)
      found = { input: usage.billed_units.input_tokens, output: 0 }
    else if (usage?.billed_units?.search_units !== undefined)
      found = { input: 0, searches: usage.billed_units.search_units }
    if (provider === 'ollama' && body.prompt_eval_count !== undefined) {
      found = { input: body.prompt_eval_count, output: body.eval_count ?? 0 }
    }
  }
  return found
}

interface Counts {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly search_units?: number
}

interface RawUsage {
  readonly tokens?: Counts
  readonly billed_units?: Counts
  readonly cached_tokens?: number
  readonly total_tokens?: number
}

interface Raw extends JsonObject {
  readonly usageMetadata?: { promptTokenCount?: number; candidatesTokenCount: number; thoughtsTokenCount?: number }
  readonly predictions?: { embeddings: { statistics: { token_count: number } } }[]
  readonly usage?: RawUsage
  readonly meta?: RawUsage
  readonly delta?: { readonly usage?: RawUsage }
  readonly prompt_eval_count?: number
  readonly eval_count?: number
}
