import { PromptView, Settings } from '@sluice/plugin-sdk/assembly'

/** Who gets a certain model. */
@final
export class Override {
  readonly model: string
  private readonly header: string
  private readonly tag: string
  private readonly values: string[]
  private readonly consumers: string[]

  constructor(settings: Settings) {
    this.model = settings.string('model')
    this.header = settings.string('header')
    this.tag = settings.string('tag')
    this.values = settings.strings('in')
    this.consumers = settings.strings('consumers')
  }

  get mistake(): string {
    const nobody = this.header == '' && this.tag == '' && this.consumers.length == 0
    if (nobody) return 'says not who: give it a header, a tag or consumers'
    return this.values.length > 0 && this.header == '' && this.tag == '' ? 'has values ("in") of neither a header nor a tag' : ''
  }

  holds(prompt: PromptView): bool {
    if (this.consumers.length > 0 && !this.consumers.includes(prompt.consumer)) return false
    if (this.header != '' && !(prompt.request.hasHeader(this.header) && this.fits(prompt.request.header(this.header)))) return false
    return this.tag == '' || (prompt.hasTag(this.tag) && this.fits(prompt.tag(this.tag)))
  }

  private fits(value: string): bool {
    return this.values.length == 0 || this.values.includes(value)
  }
}
