import type { PromptVersion } from '../../config/schema-ai-prompts.js'
import { isObject } from '../members.js'

/** What differs between two versions, a line each: "-" is only in the first, "+" only in the second. */
export function difference(a: PromptVersion, b: PromptVersion): string[] {
  return compare(linesOf(a, ''), linesOf(b, ''))
}

/** A version as lines, each with its place: of texts every line, so that a changed word shows as one. */
function linesOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => linesOf(each, `${path}[${i}]`))
  if (isObject(value)) {
    const names = Object.keys(value).sort() // another order of members is no difference
    return names.flatMap(name => linesOf(value[name], path === '' ? name : `${path}.${name}`))
  }
  if (typeof value === 'string') return value.split('\n').map(line => `${path}: ${line}`)
  return value === undefined ? [] : [`${path}: ${JSON.stringify(value)}`]
}

/** By the longest common subsequence. */
function compare(a: readonly string[], b: readonly string[]): string[] {
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push(`- ${a[i++]}`)
    else lines.push(`+ ${b[j++]}`)
  }
  return lines
}
