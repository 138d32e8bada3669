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

/** The fields of a form that are no files, in order; undefined as a name: it cannot be read. */
export function multipartFields(
  body: Buffer,
  contentType: string
): { readonly name: string | undefined; readonly text: string }[] {
  const found: { name: string | undefined; text: string }[] = []
  for (const { start, end, headers } of fieldPlaces(body, contentType)) {
    if (!IS_FILE.test(headers)) found.push({ name: nameIn(headers), text: body.toString('utf8', start, end) })
  }
  return found
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
