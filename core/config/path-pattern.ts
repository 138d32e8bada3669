/** One segment of a path pattern: text to be met exactly, or a parameter that takes whatever is there. */
export type Segment = { readonly text: string } | { readonly param: string }

/** The path of a route, taken apart. `/orders/{id}/*` is two segments and a tail. */
export interface PathPattern {
  readonly text: string
  readonly segments: readonly Segment[]
  /** Ends in `/*`: everything below matches too. */
  readonly tail: boolean
}

/** Takes a pattern apart; undefined when it is not one. "/" is one segment with no text. */
export function parsePattern(text: string): PathPattern | undefined {
  return wrongPattern(text) === undefined ? take(text) : undefined
}

/** The same for every pattern that matches the same paths: the names of parameters do not count. */
export function shapeOf({ segments, tail }: PathPattern): string {
  return segments.map(segment => ('text' in segment ? `/${segment.text}` : '/{}')).join('') + (tail ? '/*' : '')
}

/** What is wrong with a path pattern, or undefined. */
export function wrongPattern(text: string): string | undefined {
  if (!text.startsWith('/')) return 'does not begin with "/"; expected a path pattern like /orders/{id}'
  const query = /[?#]/.exec(text)
  if (query) return `holds a "${query[0]}"; expected a path alone, without query and fragment`
  const parts = text.slice(1).split('/')
  const params = new Set<string>()
  for (const [index, part] of parts.entries()) {
    const wrong = wrongSegment(part, index === parts.length - 1, params)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function wrongSegment(part: string, last: boolean, params: Set<string>): string | undefined {
  if (part === '') return last ? undefined : 'has an empty segment ("//"); expected one "/" between segments'
  if (part === '.' || part === '..') return `has a "${part}" segment; expected the path it leads to`
  if (part === '*')
    return last ? undefined : 'has a "*" in the middle; expected it as the last segment, or a {parameter}'
  const param = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(part)?.[1]
  if (param !== undefined) {
    if (params.has(param)) return 'has two parameters of one name; expected each name once'
    params.add(param)
    return undefined
  }
  if (part.includes('*')) return 'has a "*" inside a segment; expected it alone, as the last segment'
  if (/[{}]/.test(part)) return 'has a brace inside a segment; expected a parameter as a whole segment, like {id}'
  if (/%(?![0-9A-Fa-f]{2})/.test(part)) return 'has a "%" without two hex digits; expected "%25" for the sign itself'
  // RFC 3986 §3.3: pchar. Anything else arrives percent-encoded and would never match as written here.
  if (!/^[A-Za-z0-9._~!$&'()+,;=:@%-]+$/.test(part)) return 'has a character that a path holds only percent-encoded'
  return undefined
}

function take(text: string): PathPattern {
  const tail = text.endsWith('/*')
  const parts = (tail ? text.slice(0, -2) : text).split('/').slice(1)
  const segments = parts.map(part => (part.startsWith('{') ? { param: part.slice(1, -1) } : { text: part }))
  return { text, segments, tail }
}
