import { claimAt, claimSteps, Json, Settings, Step, utf8Bytes } from '@sluice/plugin-sdk/assembly'

/** What the judge's answer means. */
@final
export class Ruling {
  /** Set by read(). */
  flagged: bool = false
  message: string = ''
  replacement: Uint8Array | null = null
  private flagAt: Step[] = []
  private threshold: f64 = 0
  private messageAt: Step[] | null = null
  private replacementAt: Step[] | null = null
  private usual: string = ''

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    const answer = settings.object('answer')
    const flag = claimSteps(answer.string('flag', '/flagged'))
    if (flag === null) return 'answer.flag is not a JSON pointer to one value'
    this.flagAt = flag
    this.threshold = answer.float('threshold', 0.5)
    if (answer.has('message')) this.messageAt = claimSteps(answer.string('message'))
    if (answer.has('replacement')) this.replacementAt = claimSteps(answer.string('replacement'))
    this.usual = settings.string('message')
    return ''
  }

  /** False: the answer is not understood. */
  read(answer: Json): bool {
    this.message = this.usual
    this.replacement = null
    const flag = claimAt(answer, this.flagAt)
    if (flag.isBool) this.flagged = flag.asBool()
    else if (flag.isNumber) this.flagged = flag.asNumber() >= this.threshold
    else this.flagged = false
    const messageAt = this.messageAt
    if (messageAt !== null) {
      const message = claimAt(answer, messageAt)
      if (message.isString) this.message = message.asString()
    }
    const replacementAt = this.replacementAt
    if (replacementAt !== null) {
      const body = claimAt(answer, replacementAt)
      if (body.exists && !body.isNull) this.replacement = body.isString ? utf8Bytes(body.asString()) : body.toBytes()
    }
    return flag.isBool || flag.isNumber || (this.replacement !== null && !flag.exists)
  }
}
