import { percentEncode, RequestView, Template, templateMistake } from '@sluice/plugin-sdk/assembly'
import { isPathText, SEGMENT_CHARS } from './path-text'
import { Pattern } from './pattern'

/** Why the last `PathTemplate.compile` failed. */
export let pathMistake = ''

/** A piece of a path with parts of the request in it, and with groups of a pattern. */
@final
export class PathTemplate {
  private constructor(
    readonly template: Template,
    /** For each part, the number of the group it is; -1 for others. */
    private readonly groups: i32[]
  ) {}

  /** null when `text` is none; `pathMistake` says why. */
  static compile(text: string, pattern: Pattern | null): PathTemplate | null {
    const template = Template.compile(text, pattern === null ? '' : 'group')
    if (template === null) return refuse(templateMistake)
    const groups: i32[] = []
    for (let i = 0; i < template.parts.length; i++) {
      const part = template.parts[i]
      if (part.needsResponse) return refuse('a request has no status and no response header')
      if (part.isLiteral && !isPathText(part.name))
        return refuse('"' + part.name + '" has what must be percent-encoded in a path')
      groups.push(part.isOwn && pattern !== null ? pattern.groupOf(part.name) : -1)
      if (part.isOwn && groups[i] < 0) return refuse('the pattern has no group ' + part.name)
    }
    return new PathTemplate(template, groups)
  }

  /** Whether what comes out begins with "/". */
  get isAbsolute(): bool {
    const parts = this.template.parts
    if (parts.length == 0) return false
    return parts[0].isLiteral ? parts[0].name.startsWith('/') : parts[0].isWholePath
  }

  /**
   * The text. Values are percent-encoded as one segment: no slash of theirs makes another. null when a part is not
   * there: what is left would be another path than the one that is meant.
   */
  render(request: RequestView, pattern: Pattern | null, path: string): string | null {
    let text = ''
    const parts = this.template.parts
    for (let i = 0; i < parts.length; i++) {
      const part = unchecked(parts[i])
      const group = unchecked(this.groups[i])
      if (part.isLiteral) text += part.name
      else if (group >= 0 && pattern !== null) text += groupText(pattern, group, path)
      else {
        const value = part.value(request, null)
        if (value.length == 0) return null
        text += part.isEncoded ? value : percentEncode(value, SEGMENT_CHARS)
      }
    }
    return text
  }
}

/** A group that took no part is empty. */
function groupText(pattern: Pattern, group: i32, path: string): string {
  const from = pattern.found[group << 1]
  return from < 0 ? '' : path.substring(from, pattern.found[(group << 1) + 1])
}

function refuse(why: string): PathTemplate | null {
  pathMistake = why
  return null
}
