import { Buffer } from 'node:buffer'

/** A part of a form (RFC 7578), by the places of its content. */
interface FieldPlace {
  readonly start: number
  readonly end: number
  /** What is said of it, as it stands there. */
  readonly headers: string
}

/** The texts of a form, and how many files come with them. */
export function multipartParts(
  body: Buffer,
  contentType: string
): { readonly texts: string[]; readonly files: number } {
  const texts: string[] = []
  let files = 0
  for (const { start, end, headers } of fieldPlaces(body, contentType)) {
    if (IS_FILE.test(headers)) files++
    else texts.push(body.toString('utf8', start, end))
  }
  return { texts, files }
}

/** A part of a form that every server reads alike. */
export interface FormPart {
  readonly name: string
  /** undefined: it is a file. */
  readonly text: string | undefined
}

/**
 * All parts of a form, in order; undefined: something of it is written in a way that not all servers understand alike (RFC 2046, section 5.1.1, RFC
 * 7578), and what is a field to one may be part of another's text.
 */
export function strictParts(body: Buffer, contentType: string): FormPart[] | undefined {
  const line = boundaryLine(contentType)
  if (line === undefined || count(contentType, BOUNDARIES) !== 1) return undefined
  const parts: FormPart[] = []
  for (let at = body.indexOf(line); ; ) {
    if (at === -1 || (at > 0 && !isAt(body, at - 2, '\r\n'))) return undefined
    const head = at + line.length
    const next = body.indexOf(line, head)
    if (isAt(body, head, '--')) return next === -1 ? parts : undefined
    const headEnd = body.indexOf('\r\n\r\n', head)
    if (!isAt(body, head, '\r\n') || headEnd === -1 || headEnd + 6 > next) return undefined
    const headers = body.toString('latin1', head, headEnd)
    const name = isPlain(headers) ? nameIn(headers) : undefined
    if (name === undefined) return undefined
    parts.push({ name, text: IS_FILE.test(headers) ? undefined : body.toString('utf8', headEnd + 4, next - 2) })
    at = next
  }
}

/** One disposition with one name, and no encoding that would make another text of it. */
function isPlain(headers: string): boolean {
  const [, encoding = '8bit'] = /content-transfer-encoding:\s*([^\s;]*)/i.exec(headers) ?? []
  return count(headers, DISPOSITIONS) === 1 && count(headers, NAMES) === 1 && /^(?:7bit|8bit|binary)$/i.test(encoding)
}

const DISPOSITIONS = /content-disposition\s*:/gi
const NAMES = /[;\s]name[\s*]*=/gi
const BOUNDARIES = /[;\s]boundary[\s*\d]*=/gi

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function isAt(body: Buffer, at: number, text: string): boolean {
  return at >= 0 && body.toString('latin1', at, at + text.length) === text
}

const IS_FILE = /content-disposition:[^\r\n]*[;\s]filename\*?=/i

/** The text of a form's field; undefined: there is none, or the body is no such form. */
export function multipartField(body: Buffer, contentType: string, name: string): string | undefined {
  const place = fieldPlace(body, contentType, name)
  return place && body.toString('utf8', place.start, place.end)
}

/** The form with another text in a field, every other byte as it was; a field that is not there comes first. */
export function withMultipartField(body: Buffer, contentType: string, name: string, text: string): Buffer {
  const place = fieldPlace(body, contentType, name)
  if (place !== undefined) {
    return Buffer.concat([body.subarray(0, place.start), Buffer.from(text), body.subarray(place.end)])
  }
  const line = boundaryLine(contentType)
  const first = line === undefined ? -1 : body.indexOf(line)
  if (first === -1) return body
  const field = `${line}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
  return Buffer.concat([body.subarray(0, first), Buffer.from(field), body.subarray(first)])
}

function boundaryLine(contentType: string): Buffer | undefined {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  return boundary === undefined ? undefined : Buffer.from(`--${boundary}`)
}

function fieldPlace(body: Buffer, contentType: string, name: string): FieldPlace | undefined {
  for (const place of fieldPlaces(body, contentType)) {
    if (nameIn(place.headers) === name) return place
  }
  return undefined
}

/** With or without quotes: there are servers that take both. */
function nameIn(headers: string): string | undefined {
  const [, quoted, bare] = /content-disposition:[^\r\n]*[;\s]name=(?:"([^"\\]*)"|([^\s";]+))/i.exec(headers) ?? []
  return quoted ?? bare
}

function* fieldPlaces(body: Buffer, contentType: string): Generator<FieldPlace> {
  const line = boundaryLine(contentType)
  if (line === undefined) return
  for (let at = body.indexOf(line); at !== -1; ) {
    const head = at + line.length
    const headEnd = body.indexOf('\r\n\r\n', head)
    const next = body.indexOf(line, head)
    if (headEnd === -1 || next === -1) return
    if (headEnd < next) yield { start: headEnd + 4, end: next - 2, headers: body.toString('latin1', head, headEnd) }
    at = next
  }
}
