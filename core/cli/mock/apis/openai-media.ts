import { Buffer } from 'node:buffer'
import { billOf, type Call, data, type Endpoint, event, events, json, type Reply } from '../api.js'
import { count, promptTokens, text } from '../ask.js'
import { invalid } from '../failure.js'
import { png, wav } from '../media.js'
import { CREATED } from '../state.js'
import { pieces, tokens } from '../tokens.js'
import { openaiErrors } from './openai-errors.js'

/** OpenAI's images and audio; what comes as a form is read as one. */
export const media: readonly Endpoint[] = [
  { method: 'POST', path: /\/images\/(?:generations|edits)$/, errors: openaiErrors, handle: images },
  { method: 'POST', path: /\/images\/variations$/, errors: openaiErrors, handle: variations },
  { method: 'POST', path: /\/audio\/speech$/, errors: openaiErrors, handle: speech },
  { method: 'POST', path: /\/audio\/(?:transcriptions|translations)$/, errors: openaiErrors, handle: transcription }
]

const IMAGE_TOKENS = 272

function images(call: Call): Reply {
  const { prompt, n, response_format: format, stream } = call.json
  const edit = call.path.endsWith('/edits')
  if (typeof prompt !== 'string')
    throw invalid("Missing required parameter: 'prompt'.", 'prompt', 'missing_required_parameter')
  const wanted = count(Number(n ?? 1)) ?? 1
  const all = Array.from({ length: wanted }, (_, i) => png(`${prompt} ${i}`).toString('base64'))
  const input = promptTokens([{ role: 'user', text: prompt, media: edit ? ['an image'] : [] }], undefined)
  const output = wanted * IMAGE_TOKENS
  call.bill(billOf({ input, output }))
  const usage = {
    input_tokens: input,
    input_tokens_details: { image_tokens: edit ? 85 : 0, text_tokens: input - (edit ? 85 : 0) },
    output_tokens: output,
    total_tokens: input + output
  }
  if (stream === true) {
    const kind = edit ? 'image_edit' : 'image_generation'
    const last = event(`${kind}.completed`, { b64_json: all[0], created_at: CREATED, output_format: 'png', usage })
    return events([event(`${kind}.partial_image`, { b64_json: all[0], partial_image_index: 0 }), last], 1)
  }
  const shown = all.map(b64 => (format === 'url' ? { url: `data:image/png;base64,${b64}` } : { b64_json: b64 }))
  return json({ created: CREATED, background: 'opaque', output_format: 'png', size: '1024x1024', data: shown, usage })
}

/** Of DALL-E 2: nobody says what to draw, and it is billed by the picture. */
function variations(call: Call): Reply {
  const { image, n, response_format: format } = call.json
  if (typeof image !== 'string')
    throw invalid("Missing required parameter: 'image'.", 'image', 'missing_required_parameter')
  const all = Array.from({ length: count(Number(n ?? 1)) ?? 1 }, (_, i) => png(`${image} ${i}`).toString('base64'))
  call.bill(billOf({}))
  const asked = format === 'b64_json'
  const data = all.map(b64 => (asked ? { b64_json: b64 } : { url: `data:image/png;base64,${b64}` }))
  return json({ created: CREATED, data })
}

/** Always WAV, whatever format was asked for. */
function speech(call: Call): Reply {
  const { input, stream_format: format } = call.json
  if (typeof input !== 'string')
    throw invalid("Missing required parameter: 'input'.", 'input', 'missing_required_parameter')
  const bill = { input: tokens(input), output: 20 }
  call.bill(billOf(bill))
  if (format !== 'sse') return { status: 200, headers: { 'content-type': 'audio/wav' }, body: wav() }
  const usage = { input_tokens: bill.input, output_tokens: bill.output, total_tokens: bill.input + bill.output }
  const audio = { type: 'speech.audio.delta', audio: wav().toString('base64') }
  return events([data(audio), data({ type: 'speech.audio.done', usage })], 1)
}

function transcription(call: Call): Reply {
  const { response_format: format, language, stream } = call.json
  const file = typeof call.json.file === 'string' ? call.json.file : undefined
  if (file === undefined) throw invalid("Missing required parameter: 'file'.", 'file', 'missing_required_parameter')
  const heard = call.faults.text('answer') ?? `You sent ${file}.`
  const output = tokens(heard)
  const input = 10
  call.bill(billOf({ input, output }))
  const details = { audio_tokens: input, text_tokens: 0 }
  const usage = {
    type: 'tokens',
    input_tokens: input,
    input_token_details: details,
    output_tokens: output,
    total_tokens: input + output
  }
  if (stream === 'true' || stream === true) {
    const deltas = pieces(heard).map(delta => data({ type: 'transcript.text.delta', delta }))
    return events([...deltas, data({ type: 'transcript.text.done', text: heard, usage })], 1)
  }
  switch (format) {
    case 'text':
      return plain(`${heard}\n`)
    case 'srt':
      return plain(`1\n00:00:00,000 --> 00:00:01,000\n${heard}\n`)
    case 'vtt':
      return plain(`WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n${heard}\n`)
    case 'verbose_json': {
      const segments = [{ id: 0, start: 0, end: 1, text: heard, tokens: [], temperature: 0, avg_logprob: 0 }]
      const task = call.path.endsWith('/translations') ? 'translate' : 'transcribe'
      return json({ task, language: text(language) || 'english', duration: 1, text: heard, segments })
    }
    default:
      return json({ text: heard, usage })
  }
}

function plain(body: string): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) }
}
