import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import { dialects } from '../../../core/ai/dialects/index.js'

/**
 * Each file has a request; what it is read into, and what each of the two dialects of Claude makes of that, was looked at and is kept beside
 * it. WRITE_TRANSLATIONS=1 writes them anew.
 */
const FOLDER = new URL('../../../../test/fixtures/ai-translations/', import.meta.url)
const MODELS = [
  'claude-sonnet-4-5',
  'claude-opus-4-8',
  'anthropic.claude-3-7-sonnet-20250219-v1:0',
  'amazon.nova-pro-v1:0'
]

for (const name of ['anthropic', 'converse'] as const) {
  const folder = new URL(`${name}/`, FOLDER)
  for (const file of readdirSync(folder)) {
    t.test(`${name}/${file} is read and written across as it was looked at`, async t => {
      const path = fileURLToPath(new URL(file, folder))
      const golden = JSON.parse(readFileSync(path, 'utf8'))
      const read = () =>
        dialects.get(name)?.chat.readRequest(golden.request, {
          model: golden.hints.model ?? '',
          stream: golden.hints.stream,
          headers: []
        }) as ChatRequest
      const chat = read()
      const found: Record<string, unknown> = { chat: { ...chat, extra: [...chat.extra.keys()] } }
      for (const to of [anthropic, converse]) {
        for (const model of MODELS) {
          const dropped: string[] = []
          const again = { ...read(), model }
          const body = to.chat.writeRequest(again, { drop: name => dropped.push(name) })
          found[`${to.name} ${model}`] = { body, dropped, left: [...again.extra.keys()] }
        }
      }
      const plain = JSON.parse(JSON.stringify(found))
      if (process.env.WRITE_TRANSLATIONS === '1') {
        const { about, hints, request } = golden
        writeFileSync(path, `${JSON.stringify({ about, hints, request, found: plain }, null, 1)}\n`)
      } else t.strictSame(plain, golden.found)
    })
  }
}
