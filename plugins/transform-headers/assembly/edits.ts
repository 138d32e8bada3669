import {
  fieldText,
  HeaderEdit,
  isFieldText,
  isReservedHeader,
  lowerAscii,
  RequestView,
  ResponseView,
  Settings,
  Template,
  templateMistake
} from '@sluice/plugin-sdk/assembly'

/** Longer values than this are cut off by many servers, and refused here. */
const MAX_VALUE: i32 = 8192

/**
 * The changes to one message, taken from "request" or "response" of the settings. The edits are made once: from request to request
 * only the values differ that have parts of it.
 */
@final
export class Edits {
  /** What write() made of them; "remove", "rename" and "set" are always there, in this order, those of "add" with a value behind them. */
  readonly list: HeaderEdit[] = []
  private readonly setNames: string[] = []
  private readonly sets: HeaderEdit[] = []
  private readonly setTemplates: Template[] = []
  private readonly addNames: string[] = []
  private readonly adds: HeaderEdit[] = []
  private readonly addTemplates: Template[] = []
  /** How many of the list are always there. */
  private lasting: i32 = 0
  private tooLong: string = ''
  /** Whether write() made something else of them than the time before. */
  changed: bool = false

  constructor(
    private readonly where: string,
    private readonly ofResponse: bool
  ) {}

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings): string {
    const removed = settings.strings('remove').map<string>(name => lowerAscii(name))
    for (let i = 0; i < removed.length; i++) this.list.push(HeaderEdit.remove(removed[i]))
    const renames = settings.object('rename')
    const oldNames = renames.names().map<string>(name => lowerAscii(name))
    const newNames: string[] = []
    for (let i = 0; i < oldNames.length; i++) {
      newNames.push(lowerAscii(renames.string(renames.names()[i])))
      this.list.push(HeaderEdit.rename(oldNames[i], newNames[i]))
    }
    let wrong = this.compile('set', settings, this.setNames, this.setTemplates)
    if (wrong == '') wrong = this.compile('add', settings, this.addNames, this.addTemplates)
    for (let i = 0; i < this.setNames.length; i++) this.sets.push(HeaderEdit.set(this.setNames[i]))
    for (let i = 0; i < this.addNames.length; i++) this.adds.push(HeaderEdit.add(this.addNames[i]))
    for (let i = 0; i < this.sets.length; i++) this.list.push(this.sets[i])
    this.lasting = this.list.length
    if (wrong == '') wrong = this.checkNames('remove', removed)
    if (wrong == '') wrong = this.checkNames('rename', oldNames.concat(newNames))
    if (wrong == '') wrong = this.checkNames('set', this.setNames)
    return wrong == '' ? this.checkNames('add', this.addNames) : wrong
  }

  get isEmpty(): bool {
    return this.lasting + this.adds.length == 0
  }

  /** Whether every request gets the same. */
  get isConstant(): bool {
    const templates = this.templates()
    for (let i = 0; i < templates.length; i++) if (!templates[i].isConstant) return false
    return true
  }

  /** Every template, for checks. */
  templates(): Template[] {
    return this.setTemplates.concat(this.addTemplates)
  }

  /**
   * Brings the list up to date. Returns "", or the name of a header that is left out because its value came out too long.
   */
  write(request: RequestView, response: ResponseView | null): string {
    this.tooLong = ''
    this.changed = false
    for (let i = 0; i < this.sets.length; i++) {
      const edit = unchecked(this.sets[i])
      const value = this.valueOf(edit.name, this.setTemplates[i], request, response)
      if (edit.value != value) this.changed = true
      // An empty value must not leave the client's own header standing in for it.
      edit.setOrRemove(value)
    }
    this.list.length = this.lasting
    for (let i = 0; i < this.adds.length; i++) {
      const edit = unchecked(this.adds[i])
      const value = this.valueOf(edit.name, this.addTemplates[i], request, response)
      if (edit.value != value) this.changed = true
      edit.value = value
      if (value.length > 0) this.list.push(edit)
    }
    return this.tooLong
  }

  private valueOf(name: string, template: Template, request: RequestView, response: ResponseView | null): string {
    const value = template.render(request, response, fieldText)
    if (value.length <= MAX_VALUE) return value
    this.tooLong = name
    return ''
  }

  private compile(key: string, settings: Settings, names: string[], templates: Template[]): string {
    const map = settings.object(key)
    const written = map.names()
    for (let i = 0; i < written.length; i++) {
      const text = map.string(written[i])
      const place = this.where + '.' + key + '.' + written[i] + ': '
      if (!isFieldText(text)) return place + 'it may hold printable ASCII only'
      const template = Template.compile(text)
      if (template === null) return place + templateMistake
      if (template.needsResponse && !this.ofResponse) return place + 'a request has no status and no response header'
      names.push(lowerAscii(written[i]))
      templates.push(template)
    }
    return ''
  }

  private checkNames(key: string, names: string[]): string {
    const place = this.where + '.' + key + ': '
    for (let i = 0; i < names.length; i++) {
      if (isReservedHeader(names[i])) return place + names[i] + ' belongs to the gateway'
      if (names.indexOf(names[i]) < i) return place + names[i] + ' stands there twice'
    }
    return ''
  }
}
