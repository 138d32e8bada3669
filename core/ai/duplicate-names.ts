import type { Buffer } from 'node:buffer'
import { nameOf, pastSpace, pastString, QUOTE } from './splice.js'

/** An object or array that is open. */
interface Level {
  /** Of an object, those seen so far; undefined: it is an array. */
  readonly names: Set<string> | undefined
  /** The last of them. */
  name: string
  /** How many elements of the array are over. */
  index: number
}

const COLON = 0x3a

/**
 * The first member whose name its object has twice (RFC 8259, section 4), at any depth: "messages[0].content". Who reads such an object sees
 * one of the two, and not everybody the same. Names are compared as they are meant: escapes hide nothing.
 * @param body - known to be JSON
 */
export function duplicateName(body: Buffer): string | undefined {
  const levels: Level[] = []
  let level: Level | undefined
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE: {
        const end = pastString(body, at)
        const next = pastSpace(body, end)
        // No string but a name has a colon behind it.
        if (body[next] === COLON && level?.names !== undefined) {
          level.name = nameOf(body, at, end)
          if (level.names.has(level.name)) return pathOf(levels)
          level.names.add(level.name)
        }
        at = next - 1
        break
      }
      case 0x7b:
        level = { names: new Set(), name: '', index: 0 }
        levels.push(level)
        break
      case 0x5b:
        level = { names: undefined, name: '', index: 0 }
        levels.push(level)
        break
      case 0x7d:
      case 0x5d:
        levels.pop()
        level = levels.at(-1)
        break
      case 0x2c:
        if (level !== undefined) level.index++
    }
  }
  return undefined
}

function pathOf(levels: readonly Level[]): string {
  const steps = levels.map(({ names, name, index }) => (names === undefined ? `[${index}]` : `.${name}`))
  return steps.join('').slice(1)
}
