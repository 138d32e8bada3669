import fc from 'fast-check'

/** Bytes that are JSON, or nearly. */
export const nearJson = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .string({ unit: fc.constantFrom(...'{}[]",:\\u0123dDeE+-. \ntruefalsn/b\t\u0001é') })
    .map(text => Buffer.from(text)),
  fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
    const bytes = Buffer.from(text)
    bytes[at % bytes.length] = byte
    return bytes
  })
)

/** Whether JSON.parse takes `text`. */
export function accepts(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
