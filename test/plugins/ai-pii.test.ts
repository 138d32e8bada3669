import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { AiVerdict, CompletionInput, DeltaInput, PromptInput, ToolCallInput } from '../../core/plugin-host/abi.js'
import type { PluginInstance } from '../../core/plugin-host/instance.js'
import { instanceAlone } from '../../core/plugin-host/instance-alone.js'
import { ROOT } from '../plugin-sdk/guest.js'

t.setTimeout(240_000)

const FOLDER = join(ROOT, 'plugins/ai-pii')
const SECRET = 'a secret of some length'
/** Each with a part that is in nothing else a test writes. */
const SAMPLES = [
  ['jane@example.com', 'jane@'],
  ['joe.public@mail.example.org', 'joe.public'],
  ['+49 30 1234567', '30 1234567'],
  ['4111 1111 1111 1111', '4111 1111'],
  ['DE89370400440532013000', 'DE8937'],
  ['123-45-6789', '123-45'],
  ['203.0.113.7', '203.0.113'],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIAIO'],
  ['-----BEGIN PRIVATE KEY-----\na"\\b\n-----END PRIVATE KEY-----', 'PRIVATE KEY-----\na']
] as const
const LOOKALIKES = [
  '[EMAIL_1]',
  '[EMAIL\\_1]',
  '[TEXT_1]',
  '[PHONE_',
  '[CARD',
  '[',
  '1]',
  '_1]',
  '\\',
  '[EMAIL_12345678]'
]

const part = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SAMPLES.map(([sample]) => sample)) },
  { weight: 2, arbitrary: fc.constantFrom(...LOOKALIKES) },
  fc.string({ unit: 'grapheme', maxLength: 6 })
)
/** Blanks around: what touches a number makes it another one. */
const text = fc.array(part, { minLength: 1, maxLength: 10 }).map(parts => parts.join(' ; '))
const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 30 })
const settings = fc.constantFrom<object>({}, { secret: SECRET })

t.test('for any text, cut anywhere: nothing of it goes out, and all of it comes back', async t => {
  const policies = new Map<object, PluginInstance>()
  const property = fc.asyncProperty(settings, text, text, cuts, async (given, first, second, places) => {
    const key = Object.keys(given).length === 0 ? {} : given
    const instance = await cached(policies, key)
    const { messages, state } = await masked(instance, [first, second])
    for (const [sample, mark] of SAMPLES) {
      if (!`${first}${second}`.includes(sample)) continue
      for (const message of messages) if (message.includes(mark)) throw new Error(`${mark} goes out: ${message}`)
    }
    const echo = messages.join('\n')
    const back = await streamed(instance, pieces(echo, places), state)
    if (back !== `${first}\n${second}`) throw new Error(`${JSON.stringify(back)} from ${JSON.stringify(echo)}`)
    const whole = await completed(instance, echo, state)
    if (whole !== back) throw new Error(`${JSON.stringify(whole)}, whole`)
  })
  await t.resolves(fc.assert(property, { numRuns: 400 }))
})

t.test('arguments that repeat what was masked are the JSON that was meant', async t => {
  const instance = await policy({ secret: SECRET })
  const property = fc.asyncProperty(fc.dictionary(fc.string(), text, { maxKeys: 4 }), async json => {
    const names = Object.keys(json)
    const { messages, state } = await masked(instance, Object.values(json))
    const nested = JSON.stringify(Object.fromEntries(names.map((name, i) => [name, messages[i]])))
    const input = {
      context: { state },
      call: { name: 'f', arguments: JSON.stringify({ nested, first: messages[0] ?? '' }) }
    }
    const verdict = await call(instance, 'on_tool_call', ToolCallInput.encode(input).finish())
    const back: { nested: string; first: string } = JSON.parse(verdict.arguments ?? input.call.arguments)
    t.strictSame(JSON.parse(back.nested), { ...json })
    t.equal(back.first, Object.values(json)[0] ?? '')
  })
  await t.resolves(fc.assert(property, { numRuns: 150 }))
})

t.test('what is held back could become a placeholder, and is never longer than one', async t => {
  const instance = await policy({})
  const { state } = await masked(instance, ['jane@example.com'])
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...LOOKALIKES, 'a', ']'), { maxLength: 8 }),
    async parts => {
      const { hold } = await delta(instance, { text: parts.join(''), state })
      if (hold === '') return
      t.match(hold, /^\[/)
      t.ok(hold.length <= 24)
      t.ok(parts.join('').endsWith(hold))
    }
  )
  await t.resolves(fc.assert(property, { numRuns: 300 }))
})

t.test('the next turn of a conversation has the same placeholders', async t => {
  for (const given of [{}, { secret: SECRET }]) {
    const instance = await policy(given)
    const first = await masked(instance, ['I am jane@example.com', 'and joe@example.com'])
    const second = await masked(instance, [
      'I am jane@example.com',
      'and joe@example.com',
      'jane@example.com, a@example.com'
    ])
    t.strictSame(second.messages.slice(0, 2), first.messages)
    const [name] = /\[EMAIL_\w+\]/.exec(first.messages[0] ?? '') ?? []
    t.match(second.messages[2], name)
  }
})

t.test('with another secret nothing is the same', async t => {
  const one = await masked(await policy({ secret: SECRET }), ['jane@example.com'])
  const other = await masked(await policy({ secret: `${SECRET}!` }), ['jane@example.com'])
  t.not(one.messages[0], other.messages[0])
  t.match(one.messages[0], /^\[EMAIL_[0-9a-f]{8}\]$/)
})

t.test('more originals than the gateway keeps are denied', async t => {
  const instance = await policy({})
  const many = (count: number) => Array.from({ length: count }, (_, i) => `someone.${i}@example.com`).join(' ')
  const denied = await call(instance, 'on_prompt', promptOf([many(3_500)]))
  t.match(Buffer.from(denied.verdict?.reply?.body ?? []).toString(), 'more personal data than can be put back')
  t.strictSame((await masked(instance, [many(1_000)])).messages[0]?.split(' ').length, 1_000)
})

t.test('no bytes of a state make it trap', async t => {
  const instance = await policy({})
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(...LOOKALIKES),
    async (state, piece) => {
      await delta(instance, { text: piece, state })
    }
  )
  await t.resolves(fc.assert(property, { numRuns: 300 }))
})

t.test('a prompt that is made to be slow is not', async t => {
  const instance = await policy({ secret: SECRET })
  const started = performance.now()
  for (const unit of ['[', '[EMAIL_', '@', 'a@b.c ', '1 ', '[EMAIL\\']) {
    await call(instance, 'on_prompt', promptOf([unit.repeat(Math.floor(200_000 / unit.length))]))
  }
  t.comment(`${Math.round(performance.now() - started)} ms for six prompts of 200 KB`)
})

async function policy(given: object): Promise<PluginInstance> {
  await buildPlugin(FOLDER, { quiet: true })
  return instanceAlone(FOLDER, given)
}

async function cached(known: Map<object, PluginInstance>, given: object): Promise<PluginInstance> {
  const name = JSON.stringify(given)
  for (const [key, instance] of known) if (JSON.stringify(key) === name) return instance
  const made = await policy(given)
  known.set(given, made)
  return made
}

async function call(
  instance: PluginInstance,
  hook: 'on_prompt' | 'on_delta' | 'on_tool_call' | 'on_completion',
  input: Uint8Array
) {
  return AiVerdict.decode(Uint8Array.from(await instance.call(hook, input)))
}

function promptOf(texts: readonly string[]): Uint8Array {
  const messages = texts.map(text => ({ role: 'user', content: [{ type: 'text', text }] }))
  return PromptInput.encode({ prompt: { operation: 'chat', messages } }).finish()
}

async function masked(
  instance: PluginInstance,
  texts: readonly string[]
): Promise<{ messages: string[]; state: Uint8Array }> {
  const { messages: edits, verdict } = await call(instance, 'on_prompt', promptOf(texts))
  const messages = [...texts]
  for (const { at, message } of edits) messages[at] = message?.content[0]?.text ?? ''
  return { messages, state: Uint8Array.from(verdict?.state ?? []) }
}

interface Delta {
  readonly text?: string
  readonly held?: string
  readonly last?: boolean
  readonly state: Uint8Array
}

async function delta(instance: PluginInstance, { state, ...given }: Delta): Promise<{ text: string; hold: string }> {
  const input = DeltaInput.encode({ context: { state }, ...given }).finish()
  const { text, hold } = await call(instance, 'on_delta', input)
  return { text: text ?? (hold === null ? (given.held ?? '') + (given.text ?? '') : ''), hold: hold ?? '' }
}

async function streamed(instance: PluginInstance, parts: readonly string[], state: Uint8Array): Promise<string> {
  let out = ''
  let held = ''
  for (const part of parts) {
    const { text, hold } = await delta(instance, { text: part, held, state })
    out += text
    held = hold
  }
  const { text, hold } = await delta(instance, { held, last: true, state })
  return out + text + hold
}

async function completed(instance: PluginInstance, echo: string, state: Uint8Array): Promise<string> {
  const message = { role: 'assistant', content: [{ type: 'text', text: echo }] }
  const input = CompletionInput.encode({ context: { state }, choices: [{ message }] }).finish()
  const { messages } = await call(instance, 'on_completion', input)
  return messages[0]?.message?.content[0]?.text ?? echo
}

/** Cut between characters, as the parts of a stream are. */
function pieces(whole: string, places: readonly number[]): string[] {
  const points = [...whole]
  const ends = [...places, points.length].map(place => Math.min(place, points.length)).sort((a, b) => a - b)
  return ends.map((end, i) => points.slice(ends[i - 1] ?? 0, end).join(''))
}
