import t from 'tap'
import { aiGateway } from './gateway.js'

/** What a provider has other bounds for, or cannot do: it is answered all the same, and what is lost of it is named. */

const { url } = await aiGateway(t)

const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }
const json_schema = { name: 'x', schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } }
const audio = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }
const image = { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } }
const say = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] })
const text = (text: string) => ({ type: 'text', text })

/** What is asked, and what of it each loses. */
const ASKED: Readonly<
  Record<string, { body: object; cohere?: string; claude?: string; nova?: string; mistral?: string }>
> = {
  'sampling at its ends': { body: { temperature: 2, top_p: 1 }, claude: 'temperature', nova: 'temperature' },
  'no sampling': { body: { top_p: 0 } },
  penalties: {
    body: { frequency_penalty: 2, presence_penalty: -2 },
    cohere: 'frequency_penalty, presence_penalty',
    claude: 'presence_penalty, frequency_penalty',
    nova: 'presence_penalty, frequency_penalty'
  },
  'a blank to stop at': { body: { stop: ['\n'] }, claude: 'stop', nova: 'stop' },
  effort: { body: { reasoning_effort: 'high' }, cohere: 'reasoning_effort', nova: 'reasoning_effort' },
  'a format beside tools': {
    body: { tools: [TOOL], response_format: { type: 'json_schema', json_schema } },
    cohere: 'response_format'
  },
  'one call at a time': {
    body: { tools: [TOOL], parallel_tool_calls: false },
    cohere: 'parallel_tool_calls',
    claude: 'parallel_tool_calls',
    nova: 'parallel_tool_calls'
  },
  'a strict tool': {
    body: { tools: [{ ...TOOL, function: { ...TOOL.function, strict: true } }] },
    nova: 'tools[0].function.strict'
  },
  'what OpenAI’s clients send': {
    body: { store: false, user: 'u' },
    cohere: 'user, store',
    claude: 'user, store',
    nova: 'user, store',
    mistral: 'store, user'
  },
  'a sound': {
    body: say(audio),
    cohere: 'messages[0].content[0]',
    claude: 'messages[0].content[0].audio',
    nova: 'messages[0].content[0].audio'
  },
  'an image at an address': {
    body: say(image, text('And?')),
    claude: 'messages[0].content[0].image',
    nova: 'messages[0].content[0].image'
  },
  'a sound beside a format that is asked for in words': {
    body: { ...say(audio, text('And?')), response_format: { type: 'json_object' } },
    cohere: 'messages[0].content[0]',
    claude: 'messages[0].content[0].audio',
    nova: 'messages[0].content[0].audio'
  },
  'texts of blanks': { body: say(text(' \n'), text('Hello')) },
  'nothing but blanks': { body: say(text(' \n')) }
}

const MODELS = {
  cohere: 'cohere/command-a-03-2025',
  claude: 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  nova: 'bedrock/amazon.nova-pro-v1:0',
  mistral: 'mistral/mistral-large-2512'
} as const

for (const [who, model] of Object.entries(MODELS) as [keyof typeof MODELS, string][]) {
  for (const [what, asked] of Object.entries(ASKED)) {
    t.test(`${model}: ${what}`, async t => {
      const body = JSON.stringify({ model, ...say(text('Hello')), ...asked.body })
      const headers = { 'content-type': 'application/json' }
      const reply = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
      t.equal(reply.status, 200, await reply.text())
      t.equal(reply.headers.get('x-sluice-dropped-params'), asked[who] ?? null)
    })
  }
}
