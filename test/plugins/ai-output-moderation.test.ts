import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { AiVerdict, CompletionInput, DeltaInput } from '../../core/plugin-host/abi.js'
import type { PluginInstance } from '../../core/plugin-host/instance.js'
import { instanceAlone } from '../../core/plugin-host/instance-alone.js'
import { ROOT } from '../plugin-sdk/guest.js'

const FOLDER = join(ROOT, 'plugins/ai-output-moderation')
const RULES = [
  { name: 'words', words: ['free money', 'casino', '賭場'] },
  { name: 'digits', patterns: ['[0-9]{3,}'] }
]
const part = fc.constantFrom(
  'free',
  ' ',
  'money',
  'cas',
  'ino',
  'casino',
  '12',
  '345',
  '賭',
  '場',
  '😀',
  'x',
  ', ',
  '\n',
  '\u200b',
  '\u00a0'
)
const text = fc.array(part, { maxLength: 40 }).map(parts => parts.join(''))
const cuts = fc.array(fc.nat({ max: 150 }), { maxLength: 30 })

for (const action of ['mask', 'stop'] as const) {
  t.test(`${action}: a stream that is cut anywhere is what the whole answer is`, async t => {
    await buildPlugin(FOLDER, { quiet: true })
    const instance = await instanceAlone(FOLDER, { rules: RULES, action, window: 12, replacement: '!' })
    const property = fc.asyncProperty(text, cuts, async (whole, places) => {
      const expected = await completed(instance, whole)
      const got = await streamed(instance, pieces(whole, places))
      if (got !== expected) throw new Error(`${JSON.stringify(got)}, whole ${JSON.stringify(expected)}`)
    })
    await t.resolves(fc.assert(property, { numRuns: 500 }))
  })
}

async function completed(instance: PluginInstance, whole: string): Promise<string> {
  const message = { role: 'assistant', content: [{ type: 'text', text: whole }] }
  const { messages } = await call(
    instance,
    'on_completion',
    CompletionInput.encode({ choices: [{ message }] }).finish()
  )
  return messages[0] === undefined ? whole : (messages[0].message?.content[0]?.text ?? '')
}

async function streamed(instance: PluginInstance, parts: readonly string[]): Promise<string> {
  let out = ''
  let held = ''
  for (const [i, part] of [...parts, ''].entries()) {
    const last = i === parts.length
    const verdict = await call(instance, 'on_delta', DeltaInput.encode({ text: part, held, last }).finish())
    out += verdict.text ?? (verdict.hold === null ? held + part : '')
    if (verdict.stop) return out
    held = verdict.hold ?? ''
  }
  return out + held
}

async function call(instance: PluginInstance, hook: 'on_delta' | 'on_completion', input: Uint8Array) {
  return AiVerdict.decode(Uint8Array.from(await instance.call(hook, input)))
}

/** Cut between characters, as the parts of a stream are. */
function pieces(whole: string, places: readonly number[]): string[] {
  const points = [...whole]
  const ends = [...places, points.length].map(place => Math.min(place, points.length)).sort((a, b) => a - b)
  return ends.map((end, i) => points.slice(ends[i - 1] ?? 0, end).join(''))
}
