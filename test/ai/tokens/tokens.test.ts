import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { countTokens as countOlder } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import t from 'tap'
import type { ChatRequest, ImagePart } from '../../../core/ai/chat.js'
import { chatTokens, textTokens } from '../../../core/ai/tokens/chat.js'
import { encoding, preloadEncoding } from '../../../core/ai/tokens/encoding.js'
import { tokenFamily } from '../../../core/ai/tokens/family.js'
import { imageSize } from '../../../core/ai/tokens/image-size.js'
import { imageTokens } from '../../../core/ai/tokens/media.js'
import { countTexts } from '../../../core/ai/tokens/text.js'

const PROSE = 'A gateway stands between those who ask and those who answer; it counts what passes. '

function chat(more: Partial<ChatRequest>): ChatRequest {
  return { model: 'gpt-4o', messages: [], stream: false, extra: new Map(), ...more }
}

function user(text: string) {
  return { role: 'user' as const, content: [{ type: 'text' as const, text }] }
}

t.test('until an encoding is ready texts are guessed, near enough', async t => {
  t.equal(encoding('cl100k_base'), undefined)
  const guessed = textTokens([PROSE], 'gpt-4')
  t.ok(guessed > 10 && guessed < 30, `${guessed}`)
  while (encoding('cl100k_base') === undefined) await setImmediate()
  t.equal(textTokens([PROSE], 'gpt-4'), countOlder(PROSE), 'who is asked for is loaded')
})

t.test('encodings are loaded once', async t => {
  await Promise.all([preloadEncoding('o200k_base'), preloadEncoding('o200k_base'), preloadEncoding('cl100k_base')])
  t.equal(encoding('o200k_base')?.('hello world'), 2)
  t.equal(encoding('cl100k_base')?.('hello world'), 2)
  t.equal(encoding('o200k_base')?.('<|endoftext|>'), 7, 'a special token in a text is text')
})

t.test('OpenAI models are counted with their own encoding', async t => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), text => {
      return textTokens([text], 'gpt-5') === countTokens(text, { disallowedSpecial: new Set() })
    })
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'grapheme' }), text => {
      return textTokens([text], 'gpt-4') === countOlder(text, { disallowedSpecial: new Set() })
    })
  )
  t.equal(textTokens([PROSE], 'gpt-5'), countTokens(PROSE))
  t.equal(tokenFamily('gpt-4-0613').encoding, 'cl100k_base')
  t.equal(tokenFamily('o3-mini').factor, 1)
})

t.test('messages take what OpenAI documents', async t => {
  // The cookbook's example for gpt-4o: 124 tokens as the API counts them.
  const named = (name: string, text: string) => ({ ...user(text), role: 'user' as const, name })
  const messages = [
    user('You are a helpful, pattern-following assistant that translates corporate jargon into plain English.'),
    named('example_user', 'New synergies will help drive top-line growth.'),
    named('example_assistant', 'Things working well together will increase revenue.'),
    named(
      'example_user',
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."
    ),
    named('example_assistant', "Let's talk later when we're less busy about how to do better."),
    user("This late pivot means we don't have time to boil the ocean for the client deliverable.")
  ]
  t.equal(chatTokens(chat({ messages })), 124)
})

t.test('definitions of tools take what OpenAI documents', async t => {
  // The cookbook's example: 101 tokens for gpt-4o.
  const tools = [
    {
      name: 'get_current_weather',
      description: 'Get the current weather in a given location',
      parameters: {
        type: 'object',
        properties: {
          location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
          unit: { type: 'string', description: 'The unit of temperature to return', enum: ['celsius', 'fahrenheit'] }
        },
        required: ['location']
      }
    }
  ]
  const messages = [
    {
      role: 'system' as const,
      content: [
        { type: 'text' as const, text: 'You are a helpful assistant that can answer to questions about the weather.' }
      ]
    },
    user("What's the weather like in San Francisco?")
  ]
  t.equal(chatTokens(chat({ messages, tools })), 101)
})

t.test('other models are counted with a factor that does not fall short', async t => {
  const openai = textTokens([PROSE.repeat(10)], 'gpt-5')
  for (const model of ['claude-sonnet-4-5', 'claude-opus-5', 'gemini-2.5-pro', 'llama-3.3-70b', 'unheard-of']) {
    t.ok(textTokens([PROSE.repeat(10)], model) > openai, model)
  }
})

t.test('a long text is counted in samples, about right and in no time that grows', async t => {
  const family = tokenFamily('gpt-5')
  const text = PROSE.repeat(20_000)
  const exact = countTokens(PROSE.repeat(100)) * 200
  const counted = countTexts([text], family)
  t.ok(Math.abs(counted - exact) / exact < 0.1, `${counted} for ${exact}`)
  const pieces = Array.from({ length: 100 }, () => PROSE.repeat(200))
  t.ok(Math.abs(countTexts(pieces, family) - exact) / exact < 0.15, 'also when it comes in many')
})

t.test('runs without an end do not keep the event loop', async t => {
  for (const run of ['a', ' ', '!', '\u4e00', '\u{1f600}']) {
    const tokens = textTokens([run.repeat(1_000_000)], 'gpt-5')
    t.ok(tokens > 1_000 && tokens < 4_000_000, `${run} ${tokens}`)
  }
})

t.test('images take what providers document', async t => {
  const image = (detail?: string): ImagePart => ({
    type: 'image',
    source: { kind: 'url', url: 'https://e.x/i' },
    detail
  })
  const of = (model: string, part: ImagePart) => imageTokens(part, tokenFamily(model).images)
  t.equal(of('gpt-4o', image()), 765, '1,024 × 1,024: four tiles of 170 and 85')
  t.equal(of('gpt-4o', image('low')), 85)
  t.equal(of('gpt-5', image()), 630)
  t.equal(of('gpt-4.1-mini', image()), Math.ceil(1_024 * 1.62))
  t.equal(of('claude-sonnet-4-5', image()), 1_399)
  t.equal(of('gemini-2.5-pro', image()), 1_032)
  const tall: ImagePart = {
    type: 'image',
    source: { kind: 'base64', media_type: 'image/png', data: png(2_048, 4_096) }
  }
  t.equal(of('gpt-4o', tall), 1_105, 'the example of the documentation')
})

t.test('sizes of images are read from their first bytes', async t => {
  t.strictSame(imageSize(png(640, 480)), { width: 640, height: 480 })
  const gif = Buffer.alloc(32)
  gif.write('GIF89a')
  gif.writeUInt16LE(320, 6)
  gif.writeUInt16LE(200, 8)
  t.strictSame(imageSize(gif.toString('base64')), { width: 320, height: 200 })
  const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108012c019003012200021101031101ffda', 'hex')
  t.strictSame(imageSize(jpeg.toString('base64')), { width: 400, height: 300 })
  const webp = Buffer.alloc(32)
  webp.write('RIFF')
  webp.write('WEBPVP8X', 8)
  webp.writeUIntLE(799, 24, 3)
  webp.writeUIntLE(599, 27, 3)
  t.strictSame(imageSize(webp.toString('base64')), { width: 800, height: 600 })
})

t.test('whatever is said to be an image is looked at without harm', async t => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('', 'ffd8', '89504e47', '47494638'),
      (bytes, head) => {
        const size = imageSize(Buffer.concat([Buffer.from(head, 'hex'), bytes]).toString('base64'))
        return size === undefined || (size.width > 0 && size.height > 0)
      }
    )
  )
  t.equal(imageSize('no base64 at all!'), undefined)
})

function png(width: number, height: number): string {
  const head = Buffer.alloc(32)
  head.write('89504e470d0a1a0a0000000d49484452', 'hex')
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return head.toString('base64')
}

t.test('a schema in which nothing is what it should be is counted, too', async t => {
  const odd = { toString: {} }
  const parameters = {
    type: 'object',
    properties: { a: { type: odd, enum: [odd, [odd], null, 1] }, b: { type: ['string', 'null'] } }
  }
  const counted = chatTokens(chat({ tools: [{ name: 'f', parameters }] }))
  t.ok(counted > chatTokens(chat({})), `${counted}`)
})
