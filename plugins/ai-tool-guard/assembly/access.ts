import { ContextView, Settings } from '@sluice/plugin-sdk/assembly'
import { Names } from './names'

/** Which tools may be used. */
@final
export class Access {
  private readonly restricted: bool
  private readonly allow: Names
  private readonly deny: Names

  constructor(settings: Settings) {
    this.restricted = settings.has('allow')
    this.allow = new Names(settings.strings('allow'))
    this.deny = new Names(settings.strings('deny'))
  }

  /** The list that is against a tool: "allow" or "deny"; "" when it may be used. */
  against(name: string): string {
    if (this.deny.has(name)) return 'deny'
    return this.restricted && !this.allow.has(name) ? 'allow' : ''
  }
}

/** Other lists for some callers. */
@final
export class Role {
  readonly access: Access
  private readonly consumers: string[]
  private readonly tag: string
  private readonly values: string[]

  constructor(settings: Settings) {
    this.access = new Access(settings)
    this.consumers = settings.strings('consumers')
    this.tag = settings.string('tag')
    this.values = settings.strings('in')
  }

  /** Whether it says nobody in particular. */
  get isVague(): bool {
    return this.consumers.length == 0 && this.tag == ''
  }

  holds(context: ContextView): bool {
    if (this.consumers.length > 0 && !this.consumers.includes(context.consumer)) return false
    if (this.tag == '') return true
    return context.hasTag(this.tag) && (this.values.length == 0 || this.values.includes(context.tag(this.tag)))
  }
}
