import { createHash } from 'node:crypto'

/**
 * Ids of tool calls as Anthropic and Bedrock take them: letters, digits, "_" and "-", 64 at most. Ids of other providers ("functions.f:0")
 * are changed, those of the results alike.
 */
export function toolId(id: string): string {
  if (FITS.test(id)) return id
  const plain = id.replace(/[^a-zA-Z0-9_-]/g, '_')
  if (plain !== '' && plain.length <= 64 && plain !== id && !LONG.test(id)) return plain
  return `toolu_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`
}

const FITS = /^[a-zA-Z0-9_-]{1,64}$/
const LONG = /^.{65}/s
