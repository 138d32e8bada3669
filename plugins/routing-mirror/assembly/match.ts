import { lowerAscii, random, RequestView, Settings } from '@sluice/plugin-sdk/assembly'

/** Which requests are copied. */
@final
export class Match {
  private methods: string[] = []
  private header: string = ''
  /** None: any value. */
  private values: string[] = []
  private consumers: string[] = []
  private share: f64 = 1

  fill(settings: Settings): void {
    this.methods = settings.strings('methods')
    this.share = settings.float('percent', 100) / 100
    const match = settings.object('match')
    const header = match.object('header')
    this.header = lowerAscii(header.string('name'))
    this.values = header.strings('values')
    this.consumers = match.strings('consumers')
  }

  takes(request: RequestView): bool {
    if (this.methods.length > 0 && !this.methods.includes(request.method)) return false
    if (this.consumers.length > 0 && !this.consumers.includes(request.consumer)) return false
    if (this.header != '' && !this.hasHeader(request)) return false
    // The draw comes last: it is of those that match.
    return this.share >= 1 || (this.share > 0 && random() < this.share)
  }

  private hasHeader(request: RequestView): bool {
    if (!request.hasHeader(this.header)) return false
    return this.values.length == 0 || this.values.includes(request.header(this.header))
  }
}
