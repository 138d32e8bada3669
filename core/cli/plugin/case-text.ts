import { isRecord } from '../../config/json.js'

const WIDTH = 120

/** A case as a person would write it: what fits on a line is on one line, the members of the case begin their own. */
export function caseText(value: object): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const lines = members.map(([key, member]) => `  ${JSON.stringify(key)}: ${text(member, '  ', key.length + 5)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

/** @param used - columns that are taken on the line, the comma behind it included */
function text(value: unknown, indent: string, used: number): string {
  const line = oneLine(value)
  const room = WIDTH - indent.length - used
  if (line.length <= room || typeof value !== 'object' || value === null) return line
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    return `[\n${value.map(item => inner + text(item, inner, 1)).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${JSON.stringify(key)}: ${text(member, inner, key.length + 5)}`
  )
  return `{\n${members.join(',\n')}\n${indent}}`
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${oneLine(member)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
