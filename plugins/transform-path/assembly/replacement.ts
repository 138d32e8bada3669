import { RequestView, Settings, Template } from '@sluice/plugin-sdk/assembly'
import { PathTemplate, pathMistake } from './path-template'
import { mistake, Pattern } from './pattern'

/** Why the last `Replacement.of` failed. */
export let replacementMistake = ''

/** A pattern, and what takes the place of what it finds. */
@final
export class Replacement {
  private constructor(
    private readonly pattern: Pattern,
    private readonly template: PathTemplate,
    private readonly all: bool
  ) {}

  /** null when the settings are none; `replacementMistake` says why. */
  static of(settings: Settings): Replacement | null {
    const pattern = Pattern.compile(settings.string('pattern'))
    if (pattern === null) {
      replacementMistake = 'pattern: ' + mistake
      return null
    }
    const template = PathTemplate.compile(settings.string('with'), pattern)
    if (template === null) {
      replacementMistake = 'with: ' + pathMistake
      return null
    }
    return new Replacement(pattern, template, settings.bool('all'))
  }

  get text(): Template {
    return this.template.template
  }

  /** `path` with what was found replaced; null when a part of the template is not there. */
  apply(request: RequestView, path: string): string | null {
    let result = ''
    let copied = 0
    let from = 0
    while (from <= path.length && this.pattern.search(path, from)) {
      const start = this.pattern.found[0]
      const end = this.pattern.found[1]
      // An empty place right behind the last one is not another.
      if (end > start || start > copied || start == 0) {
        const text = this.template.render(request, this.pattern, path)
        if (text === null) return null
        result += path.substring(copied, start) + text
        copied = end
      }
      if (!this.all) break
      from = end > start ? end : end + 1
    }
    return result + path.substring(copied)
  }
}
