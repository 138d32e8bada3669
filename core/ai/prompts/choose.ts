import { createHash } from 'node:crypto'
import type { CompiledVersion } from './compile.js'
import type { Arm, CompiledPrompt } from './library.js'
import { known } from './request.js'

/** The version that answers a call. */
export interface Choice {
  readonly prompt: CompiledPrompt
  readonly version: CompiledVersion
  /** The label it was found by; undefined: it was asked for by name. */
  readonly label: string | undefined
}

/** By what a version is asked for. */
export interface Wanted {
  readonly version: string | undefined
  readonly label: string | undefined
  /** Who has to get the same version every time; undefined: anyone will do. */
  readonly who: string | undefined
}

/**
 * Chooses the version.
 * @param random - from 0 to 1, for callers nobody can tell apart
 * @throws Refusal GW_PROMPT_UNKNOWN
 */
export function chooseVersion(
  prompts: ReadonlyMap<string, CompiledPrompt>,
  name: string,
  { version, label, who }: Wanted,
  random: () => number = Math.random
): Choice {
  const prompt = known(prompts, name, 'prompt')
  if (version !== undefined) {
    return {
      prompt,
      version: known(prompt.versions, version, `version of the prompt "${name}" called`),
      label: undefined
    }
  }
  const by = label ?? prompt.defaultLabel
  if (by === undefined) {
    const [only] = prompt.versions.values()
    if (only !== undefined) return { prompt, version: only, label: undefined }
  }
  const arms = known(prompt.labels, by ?? '', `label of the prompt "${name}" called`)
  return { prompt, version: drawn(arms, who === undefined ? random() : placeOf(name, by ?? '', who)), label: by }
}

/** The arm at a place between 0 and 1. */
function drawn(arms: readonly Arm[], place: number): CompiledVersion {
  const total = arms.reduce((sum, { share }) => sum + share, 0)
  let left = place * total
  for (const { version, share } of arms) {
    left -= share
    if (left < 0) return version
  }
  const last = arms.findLast(({ share }) => share > 0)
  if (last === undefined) throw new Error('a label without a version is refused when prompts are read')
  return last.version
}

/** The same for the same user, and evenly spread; another one for each label, so that two splits have nothing to do with each other. */
function placeOf(prompt: string, label: string, who: string): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([prompt, label, who]))
    .digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}
