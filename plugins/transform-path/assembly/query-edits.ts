import {
  percentDecode,
  RequestView,
  Settings,
  Template,
  templateMistake,
  withAddedParameter,
  withOnlyParameters,
  withoutParameter,
  withParameter,
  withRenamedParameter
} from '@sluice/plugin-sdk/assembly'

/** The changes to the query: keep, remove, rename, set, add, in this order. */
@final
export class QueryEdits {
  private kept: string[] | null = null
  private removed: string[] = []
  private readonly oldNames: string[] = []
  private readonly newNames: string[] = []
  private readonly setNames: string[] = []
  private readonly setTemplates: Template[] = []
  private readonly addNames: string[] = []
  private readonly addTemplates: Template[] = []

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings): string {
    if (settings.has('keep')) this.kept = settings.strings('keep')
    this.removed = settings.strings('remove')
    const renames = settings.object('rename')
    const names = renames.names()
    for (let i = 0; i < names.length; i++) {
      const newName = renames.string(names[i])
      if (this.newNames.includes(newName)) return 'rename: ' + newName + ' is the new name of two parameters'
      const twice = this.oldNames.includes(newName) ? newName : this.newNames.includes(names[i]) ? names[i] : ''
      if (twice != '') return 'rename: ' + twice + ' is an old name and a new one'
      this.oldNames.push(names[i])
      this.newNames.push(newName)
    }
    const wrong = compile('set', settings, this.setNames, this.setTemplates)
    return wrong == '' ? compile('add', settings, this.addNames, this.addTemplates) : wrong
  }

  get isEmpty(): bool {
    const edits = this.removed.length + this.oldNames.length + this.setNames.length + this.addNames.length
    return edits == 0 && this.kept === null
  }

  /** Every template, for checks. */
  templates(): Template[] {
    return this.setTemplates.concat(this.addTemplates)
  }

  /** The query as it is to be. */
  apply(request: RequestView): string {
    let query = request.query
    const kept = this.kept
    if (kept !== null) query = withOnlyParameters(query, kept)
    for (let i = 0; i < this.removed.length; i++) query = withoutParameter(query, this.removed[i])
    for (let i = 0; i < this.oldNames.length; i++) {
      query = withRenamedParameter(query, this.oldNames[i], this.newNames[i])
    }
    for (let i = 0; i < this.setNames.length; i++) {
      const value = valueOf(this.setTemplates[i], request)
      // The client's own value must not stand in for one that is not there.
      if (value.length == 0) query = withoutParameter(query, this.setNames[i])
      else query = withParameter(query, this.setNames[i], value)
    }
    for (let i = 0; i < this.addNames.length; i++) {
      const value = valueOf(this.addTemplates[i], request)
      if (value.length > 0) query = withAddedParameter(query, this.addNames[i], value)
    }
    return query
  }
}

function compile(key: string, settings: Settings, names: string[], templates: Template[]): string {
  const map = settings.object(key)
  const written = map.names()
  for (let i = 0; i < written.length; i++) {
    const template = Template.compile(map.string(written[i]))
    const place = key + '.' + written[i] + ': '
    if (template === null) return place + templateMistake
    if (template.needsResponse) return place + 'a request has no status and no response header'
    names.push(written[i])
    templates.push(template)
  }
  return ''
}

/** Parts of the path are encoded in the path's way; the query has its own. */
function valueOf(template: Template, request: RequestView): string {
  let text = ''
  for (let i = 0; i < template.parts.length; i++) {
    const part = unchecked(template.parts[i])
    const value = part.isLiteral ? part.name : part.value(request, null)
    text += part.isEncoded ? percentDecode(value) : value
  }
  return text
}
