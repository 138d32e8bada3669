import {
  fieldText,
  isFieldText,
  isReservedHeader,
  lowerAscii,
  RequestView,
  ResponseView,
  Settings,
  Template,
  templateMistake,
  Verdict
} from '@sluice/plugin-sdk/assembly'

/** Longer values than this are cut off by many servers, and refused here. */
const MAX_VALUE: i32 = 8192

/** The changes to one message, taken from "request" or "response" of the settings. */
@final
export class Edits {
  private readonly removed: string[] = []
  private readonly oldNames: string[] = []
  private readonly newNames: string[] = []
  private readonly setNames: string[] = []
  private readonly setTemplates: Template[] = []
  private readonly addNames: string[] = []
  private readonly addTemplates: Template[] = []
  private tooLong: string = ''

  constructor(
    private readonly where: string,
    private readonly ofResponse: bool
  ) {}

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings): string {
    const removed = settings.strings('remove')
    for (let i = 0; i < removed.length; i++) this.removed.push(lowerAscii(removed[i]))
    const renames = settings.object('rename')
    const names = renames.names()
    for (let i = 0; i < names.length; i++) {
      this.oldNames.push(lowerAscii(names[i]))
      this.newNames.push(lowerAscii(renames.string(names[i])))
    }
    let wrong = this.compile('set', settings, this.setNames, this.setTemplates)
    if (wrong == '') wrong = this.compile('add', settings, this.addNames, this.addTemplates)
    if (wrong == '') wrong = this.checkNames('remove', this.removed)
    if (wrong == '') wrong = this.checkNames('rename', this.oldNames.concat(this.newNames))
    if (wrong == '') wrong = this.checkNames('set', this.setNames)
    return wrong == '' ? this.checkNames('add', this.addNames) : wrong
  }

  get isEmpty(): bool {
    return this.removed.length + this.oldNames.length + this.setNames.length + this.addNames.length == 0
  }

  /** Every template, for checks. */
  templates(): Template[] {
    return this.setTemplates.concat(this.addTemplates)
  }

  /**
   * Writes the edits, in their order: remove, rename, set, add. Returns "", or the name of a header that is left out
   * because its value came out too long.
   */
  write(verdict: Verdict, request: RequestView, response: ResponseView | null): string {
    this.tooLong = ''
    for (let i = 0; i < this.removed.length; i++) this.remove(verdict, this.removed[i])
    for (let i = 0; i < this.oldNames.length; i++) {
      if (this.ofResponse) verdict.renameResponseHeader(this.oldNames[i], this.newNames[i])
      else verdict.renameHeader(this.oldNames[i], this.newNames[i])
    }
    for (let i = 0; i < this.setNames.length; i++) {
      const name = this.setNames[i]
      const value = this.valueOf(name, this.setTemplates[i], request, response)
      // An empty value must not leave the client's own header standing in for it.
      if (value.length == 0) this.remove(verdict, name)
      else if (this.ofResponse) verdict.setResponseHeader(name, value)
      else verdict.setHeader(name, value)
    }
    for (let i = 0; i < this.addNames.length; i++) {
      const name = this.addNames[i]
      const value = this.valueOf(name, this.addTemplates[i], request, response)
      if (value.length == 0) continue
      if (this.ofResponse) verdict.addResponseHeader(name, value)
      else verdict.addHeader(name, value)
    }
    return this.tooLong
  }

  private remove(verdict: Verdict, name: string): void {
    if (this.ofResponse) verdict.removeResponseHeader(name)
    else verdict.removeHeader(name)
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
