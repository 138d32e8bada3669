import type { PromptsLock } from '../../config/prompts-lock.js'
import type { CompiledPrompt } from './library.js'
import { known } from './request.js'

/** A version that was noted as published. */
export interface PublishedVersion {
  readonly prompt: string
  readonly version: string
  readonly hash: string
}

/**
 * Notes versions as published: from now on they do not change.
 * @param versions - empty: all that are not published yet
 * @throws Refusal GW_PROMPT_UNKNOWN
 */
export function publish(
  lock: PromptsLock,
  prompts: ReadonlyMap<string, CompiledPrompt>,
  name: string,
  versions: readonly string[]
): { readonly lock: PromptsLock; readonly published: readonly PublishedVersion[] } {
  const prompt = known(prompts, name, 'prompt')
  const wanted = versions.length > 0 ? versions : [...prompt.versions.keys()]
  const published = wanted
    .map(version => known(prompt.versions, version, `version of the prompt "${name}" called`))
    .filter(version => !version.published)
    .map(({ name: version, hash }) => ({ prompt: name, version, hash }))
  const hashes = Object.fromEntries(published.map(({ version, hash }) => [version, hash]))
  return { lock: { ...lock, [name]: { ...lock[name], ...hashes } }, published }
}
