import { lowerAscii, Settings } from '@sluice/plugin-sdk/assembly'
import { maskOf } from './rules'

/** Places where some rules do not count. */

@final
class Exclusion {
  constructor(
    readonly path: string,
    readonly name: string,
    readonly rules: u64
  ) {}
}

const all: Exclusion[] = []
/** Those for the path of the request at hand. */
let active: Exclusion[] = []

/** Takes the settings in. Returns "" or what is wrong with them. */
export function prepareExclusions(list: Settings[]): string {
  for (let i = 0; i < list.length; i++) {
    const ids = list[i].strings('rules')
    let rules: u64 = ids.length == 0 ? u64.MAX_VALUE : 0
    for (let j = 0; j < ids.length; j++) {
      const mask = maskOf(ids[j])
      if (mask == 0) return 'exclude[' + i.toString() + '].rules[' + j.toString() + '] is no rule: ' + ids[j]
      rules |= mask
    }
    all.push(new Exclusion(list[i].string('path'), lowerAscii(list[i].string('name')), rules))
  }
  return ''
}

export function hasExclusions(): bool {
  return all.length > 0
}

/** Begins a request. */
export function excludeFor(path: string): void {
  active = []
  for (let i = 0; i < all.length; i++) if (path.startsWith(all[i].path)) active.push(all[i])
}

/** The rules that do not count for what has this name ("" for what has none). */
export function excludedAt(name: string): u64 {
  if (active.length == 0) return 0
  const lower = lowerAscii(name)
  let rules: u64 = 0
  for (let i = 0; i < active.length; i++) if (active[i].name == '' || active[i].name == lower) rules |= active[i].rules
  return rules
}
