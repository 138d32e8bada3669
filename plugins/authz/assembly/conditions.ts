import { IpRanges, lowerAscii, Settings } from '@sluice/plugin-sdk/assembly'
import { TimeWindow } from './clock'
import { hasGlob } from './glob'
import { NamedTexts } from './named-texts'
import { PathPattern } from './path-pattern'
import {
  address,
  consumer,
  headers,
  includedBy,
  looseMethod,
  looseSegments,
  method,
  minuteOfWeek,
  segments,
  tag
} from './subject'

/** The conditions of a rule, or those of its "not". `sure`: true in every way to read the request; else in one. */
@final
export class Conditions {
  isEmpty: bool = true
  private readonly methods: string[] = []
  private readonly looseMethods: string[] = []
  private readonly paths: PathPattern[] = []
  private consumers: string[] = []
  private readonly tags: NamedTexts = new NamedTexts()
  private readonly tagsInclude: NamedTexts = new NamedTexts()
  private readonly headers: NamedTexts = new NamedTexts()
  private readonly clientIps: IpRanges = new IpRanges()
  private readonly times: TimeWindow[] = []

  /** Takes the conditions of the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings, where: string): string {
    this.fillMethods(settings.strings('methods'))
    this.consumers = settings.strings('consumers')
    this.tags.fill(settings.object('tags'))
    this.tagsInclude.fill(settings.object('tagsInclude'))
    this.headers.fill(settings.object('headers'))
    this.headers.lowerNames()
    let wrong = this.fillPaths(settings.strings('paths'), where + '.paths')
    if (wrong == '') wrong = this.fillTimes(settings.objects('times'), where + '.times')
    if (wrong == '') wrong = this.clientIps.addAll(settings.strings('clientIps'), where + '.clientIps')
    this.isEmpty =
      this.methods.length + this.paths.length + this.consumers.length + this.times.length == 0 &&
      this.tags.isEmpty && this.tagsInclude.isEmpty && this.headers.isEmpty && this.clientIps.isEmpty
    return wrong
  }

  /** Whether every condition is true. The cheap ones come first. */
  allHold(sure: bool): bool {
    if (this.methods.length > 0 && !this.isMethod(sure)) return false
    if (this.paths.length > 0 && !this.isPath(sure)) return false
    if (this.consumers.length > 0 && !this.isConsumer()) return false
    if (this.times.length > 0 && !this.isTime()) return false
    if (!this.clientIps.isEmpty && !this.isAddress(sure)) return false
    for (let i = 0; i < this.tags.names.length; i++) if (!this.isTag(i)) return false
    for (let i = 0; i < this.tagsInclude.names.length; i++) if (!this.isIncluded(i)) return false
    for (let i = 0; i < this.headers.names.length; i++) if (!this.isHeader(i, sure)) return false
    return true
  }

  /** Whether one of the conditions is true. */
  oneHolds(sure: bool): bool {
    if (this.methods.length > 0 && this.isMethod(sure)) return true
    if (this.paths.length > 0 && this.isPath(sure)) return true
    if (this.consumers.length > 0 && this.isConsumer()) return true
    if (this.times.length > 0 && this.isTime()) return true
    if (!this.clientIps.isEmpty && this.isAddress(sure)) return true
    for (let i = 0; i < this.tags.names.length; i++) if (this.isTag(i)) return true
    for (let i = 0; i < this.tagsInclude.names.length; i++) if (this.isIncluded(i)) return true
    for (let i = 0; i < this.headers.names.length; i++) if (this.isHeader(i, sure)) return true
    return false
  }

  private isMethod(sure: bool): bool {
    return this.methods.includes(method()) || (!sure && this.looseMethods.includes(looseMethod()))
  }

  private isPath(sure: bool): bool {
    const strict = segments()
    const loose = looseSegments()
    for (let i = 0; i < this.paths.length; i++) {
      const path = unchecked(this.paths[i])
      const first = path.match(strict)
      if (first && !sure) return true
      // The second reading is of use only where the first leaves it open.
      if (first == sure && path.matchLoosely(loose)) return true
    }
    return false
  }

  private isConsumer(): bool {
    const name = consumer()
    return name.length > 0 && hasGlob(this.consumers, name)
  }

  private isTime(): bool {
    const now = minuteOfWeek()
    for (let i = 0; i < this.times.length; i++) if (unchecked(this.times[i]).has(now)) return true
    return false
  }

  /** Who has no address that can be read may be anybody. */
  private isAddress(sure: bool): bool {
    const client = address()
    return client === null ? !sure : this.clientIps.has(client)
  }

  private isTag(index: i32): bool {
    const value = tag(this.tags.names[index])
    return value !== null && hasGlob(this.tags.texts[index], value)
  }

  private isIncluded(index: i32): bool {
    const value = tag(this.tagsInclude.names[index])
    return value !== null && includedBy(value, this.tagsInclude.texts[index])
  }

  /** Of a header that is there twice, nobody knows which one the upstream reads. */
  private isHeader(index: i32, sure: bool): bool {
    const values = headers(this.headers.names[index])
    for (let i = 0; i < values.length; i++) if (hasGlob(this.headers.texts[index], values[i]) != sure) return !sure
    return sure && values.length > 0
  }

  private fillMethods(methods: string[]): void {
    for (let i = 0; i < methods.length; i++) {
      this.methods.push(methods[i])
      // RFC 9110 section 9.3.2: HEAD is GET without the content.
      if (methods[i] == 'GET') this.methods.push('HEAD')
    }
    for (let i = 0; i < this.methods.length; i++) this.looseMethods.push(lowerAscii(this.methods[i]))
  }

  private fillPaths(paths: string[], where: string): string {
    for (let i = 0; i < paths.length; i++) {
      const path = new PathPattern()
      const wrong = path.fill(paths[i])
      if (wrong != '') return where + '[' + i.toString() + '] ' + wrong
      this.paths.push(path)
    }
    return ''
  }

  private fillTimes(times: Settings[], where: string): string {
    for (let i = 0; i < times.length; i++) {
      const time = TimeWindow.of(times[i])
      if (time === null) return where + '[' + i.toString() + '] ends when it begins'
      this.times.push(time)
    }
    return ''
  }
}
