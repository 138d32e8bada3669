/** A reply as it stood on the wire. */
export interface RawReply {
  readonly status: number
  /** Name in lower case, value, in order. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  /** The only value of a header; undefined when there is none. Throws when there are several. */
  header(name: string): string | undefined
  all(name: string): string[]
  json(): Record<string, unknown>
}

/**
 * Reads one reply off the front of `bytes`, strictly: an error in its framing throws.
 * @returns undefined when there is not a whole one yet
 */
export function parseReply(
  bytes: Buffer,
  method: string,
  ended: boolean
): { reply: RawReply; bytes: number } | undefined {
  const text = bytes.toString('latin1')
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})( .*)?$/.exec(statusLine)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`)
  const headers = lines.map((line): [string, string] => {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (match === null) throw new Error(`not a header line: ${JSON.stringify(line)}`)
    return [(match[1] ?? '').toLowerCase(), Buffer.from(match[2] ?? '', 'latin1').toString('utf8')]
  })
  const all = (name: string): string[] => headers.filter(([key]) => key === name).map(([, value]) => value)
  const header = (name: string): string | undefined => {
    const values = all(name)
    if (values.length > 1) throw new Error(`${values.length} headers named ${name}`)
    return values[0]
  }
  const start = headEnd + 4
  const reply = (body: Buffer): RawReply => ({
    status,
    headers,
    body,
    header,
    all,
    json: () => JSON.parse(body.toString())
  })
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) {
    return { reply: reply(Buffer.alloc(0)), bytes: start }
  }
  const length = header('content-length')
  if (header('transfer-encoding') === 'chunked') {
    if (length !== undefined) throw new Error('both Content-Length and Transfer-Encoding')
    const body = parseChunks(bytes, start)
    return body && { reply: reply(body.content), bytes: body.end }
  }
  if (length !== undefined) {
    const end = start + Number(length)
    return bytes.length < end ? undefined : { reply: reply(Buffer.from(bytes.subarray(start, end))), bytes: end }
  }
  return ended ? { reply: reply(Buffer.from(bytes.subarray(start))), bytes: bytes.length } : undefined
}

function parseChunks(bytes: Buffer, start: number): { content: Buffer; end: number } | undefined {
  const pieces: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const line = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`not a chunk size: ${JSON.stringify(line.slice(0, 40))}`)
    const size = Number.parseInt(line, 16)
    const end = lineEnd + 2 + size
    if (bytes.length < end + 2) return undefined
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('a chunk does not end where it says')
    if (size === 0) return { content: Buffer.concat(pieces), end: end + 2 }
    pieces.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
