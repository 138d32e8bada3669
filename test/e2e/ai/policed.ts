import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Test } from 'tap'
import type { Mock } from '../../../core/cli/mock/server.js'
import { mockProvider } from '../../support/mock.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'

export interface Policed {
  readonly mock: Mock
  readonly sluice: RunningSluice
  readonly openai: OpenAI
  readonly anthropic: Anthropic
}

/** An AI route with these policies in front of a mock provider that speaks OpenAI's dialect, and clients of two dialects. */
export function policed(t: Test, ...policies: readonly PolicySettings[]): Promise<Policed> {
  return policedAt(t, 'openai', ...policies)
}

interface PolicySettings {
  readonly plugin: string
  readonly settings?: object
}

/** The same before another provider of the dialect. */
export async function policedAt(t: Test, provider: string, ...policies: readonly PolicySettings[]): Promise<Policed> {
  const mock = await mockProvider(t)
  const sluice = await startSluice(t, {
    upstreams: {},
    ai: { providers: { main: { provider, baseUrl: `${mock.url}/v1`, keys: ['secret'] } } },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies }]
  })
  const url = `http://127.0.0.1:${sluice.port}`
  return {
    mock,
    sluice,
    openai: new OpenAI({ apiKey: 'client', baseURL: `${url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: 'client', baseURL: url, maxRetries: 0 })
  }
}

/** One question, in the ways of asking that a policy must not tell apart. */
export interface Way {
  readonly name: string
  /** @returns the text of the answer; @throws the client's error when it is refused */
  ask(given: Policed, model: string, text: string): Promise<Asked>
}

export interface Asked {
  readonly text: string
  /** Why the answer ended, in the words of the dialect. */
  readonly end: string | null
}

export const WAYS: readonly Way[] = [
  {
    name: 'OpenAI, whole',
    async ask({ openai }, model, text) {
      const { choices } = await openai.chat.completions.create({ model, messages: [{ role: 'user', content: text }] })
      return { text: choices[0]?.message.content ?? '', end: choices[0]?.finish_reason ?? null }
    }
  },
  {
    name: 'OpenAI, streamed',
    async ask({ openai }, model, content) {
      const stream = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content }],
        stream: true
      })
      let text = ''
      let end: string | null = null
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? ''
        end = choices[0]?.finish_reason ?? end
      }
      return { text, end }
    }
  },
  {
    name: 'Anthropic, whole',
    async ask({ anthropic }, model, content) {
      const answer = await anthropic.messages.create({ model, max_tokens: 500, messages: [{ role: 'user', content }] })
      return {
        text: answer.content.map(part => (part.type === 'text' ? part.text : '')).join(''),
        end: answer.stop_reason
      }
    }
  },
  {
    name: 'Anthropic, streamed',
    async ask({ anthropic }, model, content) {
      const messages = [{ role: 'user' as const, content }]
      const answer = await anthropic.messages.stream({ model, max_tokens: 500, messages }).finalMessage()
      return {
        text: answer.content.map(part => (part.type === 'text' ? part.text : '')).join(''),
        end: answer.stop_reason
      }
    }
  }
]
