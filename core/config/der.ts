/** One value of DER (X.690 §8.1): its tag, all its bytes, and those inside. */
export interface Der {
  readonly tag: number
  readonly bytes: Buffer
  readonly content: Buffer
}

export const SEQUENCE = 0x30
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
/** UTF8String, PrintableString, T61String, IA5String. */
const TEXTS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16])

/** The values that stand one after the other in `bytes`. @throws Error when they are no DER */
export function readDer(bytes: Buffer): Der[] {
  const found: Der[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at)
    const first = bytes.readUInt8(at + 1)
    const more = first < 0x80 ? 0 : first - 0x80
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
    const start = at + 2 + more
    const end = start + length
    if (first === 0x80 || end > bytes.length) throw new Error('no DER')
    found.push({ tag, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return found
}

/** A time as RFC 5280 §4.1.2.5 writes it, milliseconds. @throws Error when it is none */
export function readTime({ tag, content }: Der): number {
  const text = content.toString('latin1')
  const [, year = '', ...rest] = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? []
  const [month = 0, day, hour, minute, second] = rest.map(Number)
  const wanted = tag === UTC_TIME ? 2 : tag === GENERALIZED_TIME ? 4 : 0
  if (year.length !== wanted) throw new Error(`no time: ${text}`)
  const full = wanted === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2_000 : 1_900)
  return Date.UTC(full, month - 1, day, hour, minute, second)
}

/** A name, such that two of the same parts are equal however their text is encoded (RFC 5280 §7.1). */
export function nameKey({ tag, bytes, content }: Der): string {
  if (TEXTS.has(tag)) return JSON.stringify(content.toString('utf8').trim().replace(/\s+/g, ' ').toLowerCase())
  // SEQUENCE, SET: what is made of others.
  return (tag & 0x20) === 0 ? bytes.toString('hex') : `(${readDer(content).map(nameKey).join(' ')})`
}
