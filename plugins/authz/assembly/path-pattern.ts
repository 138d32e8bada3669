import { lowerAscii, percentDecode } from '@sluice/plugin-sdk/assembly'
import { consumer, tag } from './subject'

enum Kind {
  LITERAL,
  ANY,
  CONSUMER,
  TAG
}

@final
class Segment {
  constructor(
    readonly kind: Kind,
    /** The text of a literal, decoded; the name of a tag. */
    readonly text: string,
    /** The text in lower case. */
    readonly lower: string
  ) {}
}

/** A path as routes write it: /orders/{id}/*. What {consumer} and {tag.NAME} take is the caller's own. */
@final
export class PathPattern {
  private readonly segments: Segment[] = []
  /** Ends in "*": all below matches, and what it stands behind. */
  private tail: bool = false

  /** Takes the pattern in. Returns "" or what is wrong with it. */
  fill(text: string): string {
    if (text.charCodeAt(0) != 0x2f) return 'does not begin with "/"'
    const parts = text.substring(1).split('/')
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]
      const last = i == parts.length - 1
      if (part == '') {
        if (!last) return 'has an empty segment; those of requests do not count'
      } else if (part == '*') {
        if (!last) return 'has a "*" in the middle; write {id} for one segment'
        this.tail = true
      } else {
        const wrong = this.take(part)
        if (wrong != '') return wrong
      }
    }
    return ''
  }

  /** Whether the path with these decoded segments matches. */
  match(path: string[]): bool {
    return this.fits(path, false)
  }

  /** The same for segments in lower case. */
  matchLoosely(path: string[]): bool {
    return this.fits(path, true)
  }

  private fits(path: string[], loosely: bool): bool {
    const count = this.segments.length
    if (path.length < count || (path.length > count && !this.tail)) return false
    for (let i = 0; i < count; i++) {
      if (!isSegment(unchecked(this.segments[i]), unchecked(path[i]), loosely)) return false
    }
    return true
  }

  private take(part: string): string {
    if (part == '.' || part == '..') return 'has a "' + part + '" segment; no request has one'
    if (part.startsWith('{') && part.endsWith('}')) {
      const name = part.substring(1, part.length - 1)
      if (name.length == 0 || name.includes('{') || name.includes('}')) return 'has braces without a name'
      if (name == 'consumer') this.add(Kind.CONSUMER, '')
      else if (name.startsWith('tag.')) this.add(Kind.TAG, name.substring(4))
      else if (name.includes('.')) return 'has an unknown {' + name + '}; there are {consumer} and {tag.NAME}'
      else this.add(Kind.ANY, '')
      return ''
    }
    if (part.includes('{') || part.includes('}')) return 'has a brace inside a segment; a {name} is a whole one'
    if (part.includes('*')) return 'has a "*" inside a segment; it stands alone, as the last one'
    if (part.includes('?') || part.includes('#')) return 'holds more than a path'
    this.add(Kind.LITERAL, percentDecode(part))
    return ''
  }

  private add(kind: Kind, text: string): void {
    this.segments.push(new Segment(kind, text, lowerAscii(text)))
  }
}

function isSegment(segment: Segment, text: string, loosely: bool): bool {
  if (segment.kind == Kind.ANY) return true
  if (segment.kind == Kind.LITERAL) return text == (loosely ? segment.lower : segment.text)
  let own = ''
  if (segment.kind == Kind.CONSUMER) own = consumer()
  else {
    const value = tag(segment.text)
    if (value !== null) own = value
  }
  return own.length > 0 && text == (loosely ? lowerAscii(own) : own)
}
