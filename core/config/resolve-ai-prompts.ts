import { resolve } from 'node:path'
import type { Prompt, Prompts } from './schema-ai-prompts.js'

/** Where prompts are kept. */
export interface PromptsConfig {
  /** Absolute; undefined: there is none. */
  readonly folder: string | undefined
  readonly inline: Readonly<Record<string, Prompt>>
  /** Absolute. The file need not exist. */
  readonly lock: string
  readonly publishedOnly: boolean
  /** How many completions can be rated. */
  readonly completions: number
}

export function resolvePrompts(prompts: Prompts, folder: string): PromptsConfig {
  return {
    folder: prompts.folder === undefined ? undefined : resolve(folder, prompts.folder),
    inline: prompts.inline,
    lock: resolve(folder, prompts.lock),
    publishedOnly: prompts.publishedOnly,
    completions: prompts.completions
  }
}

/** What prompts are made from: to be watched. */
export function promptPlaces(prompts: PromptsConfig | undefined): string[] {
  if (prompts === undefined) return []
  return prompts.folder === undefined ? [prompts.lock] : [prompts.lock, prompts.folder]
}
