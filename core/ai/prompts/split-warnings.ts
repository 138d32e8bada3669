import type { CompiledPrompt } from './library.js'

/** Labels that share callers out between versions of which each needs other variables: what suits one of them is refused by another. */
export function splitWarnings(prompts: Iterable<CompiledPrompt>): string[] {
  return [...prompts].flatMap(({ name, labels }) =>
    [...labels].flatMap(([label, arms]) => {
      const needs = arms
        .filter(({ share }) => share > 0)
        .map(({ version }) => ({ version: version.name, needed: version.variables.needed }))
      const [first, ...others] = needs
      if (first === undefined || others.every(each => sameNames(each.needed, first.needed))) return []
      const list = needs.map(({ version, needed }) => `${version} ${needed.join(', ') || 'none'}`).join('; ')
      return [
        `label "${label}" of prompt "${name}" leads to versions that need other variables (${list}): some callers are refused; expected the same`
      ]
    })
  )
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every(name => other.includes(name))
}
