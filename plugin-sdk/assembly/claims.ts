import { fieldText, isReservedHeader } from './field-text'
import { Json } from './json'
import { pointerSteps, Step } from './json-pointer'
import { Settings } from './settings'
import { lowerAscii } from './text'
import { Verdict } from './verdict'

/** Longer values are cut off or refused by many servers. */
const MAX_HEADER: i32 = 8192
const MAX_TAG: i32 = 1024
const MAX_CONSUMER: i32 = 256

/** Which claims of a token go where: the settings "consumer", "tags" and "headers" of policies that say who calls. */
// @ts-ignore: decorator
@final
export class ClaimMap {
  /** Set by apply(): how long the texts are that it put into the verdict. */
  size: i32 = 0
  /** The first that leads to a claim counts. */
  private readonly consumers: Step[][] = []
  private readonly tagNames: string[] = []
  private readonly tagPointers: Step[][] = []
  private readonly headerNames: string[] = []
  private readonly headerPointers: Step[][] = []

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    const wanted = settings.json.get('consumer').isArray ? settings.strings('consumer') : [settings.string('consumer', '/sub')]
    for (let i = 0; i < wanted.length; i++) {
      const steps = claimSteps(wanted[i])
      if (steps === null) return 'consumer is not a JSON pointer to one claim'
      if (steps.length > 0) this.consumers.push(steps)
    }
    const tags = settings.object('tags')
    const names = tags.names()
    for (let i = 0; i < names.length; i++) {
      const steps = claimSteps(tags.string(names[i]))
      if (steps === null || steps.length == 0) return 'tags.' + names[i] + ' is not a JSON pointer to one claim'
      this.tagNames.push(names[i])
      this.tagPointers.push(steps)
    }
    return this.fillHeaders(settings.object('headers'))
  }

  /** A request nobody may forge: the headers that claims are sent in are the policy's own. */
  removeHeaders(verdict: Verdict): void {
    for (let i = 0; i < this.headerNames.length; i++) verdict.removeHeader(this.headerNames[i])
  }

  /** Puts the claims into a verdict; false when the one that says who calls is no name. */
  apply(claims: Json, verdict: Verdict): bool {
    this.size = 0
    for (let i = 0; i < this.consumers.length; i++) {
      const claim = claimAt(claims, this.consumers[i])
      if (!claim.exists || claim.isNull) continue
      const name = claim.isString || claim.isNumber ? textOf(claim) : ''
      if (!isName(name)) return false
      verdict.setConsumer(name)
      break
    }
    for (let i = 0; i < this.tagNames.length; i++) {
      const text = textOf(claimAt(claims, this.tagPointers[i]))
      if (text.length == 0 || text.length > MAX_TAG) continue
      verdict.tag(this.tagNames[i], text)
      this.size += text.length
    }
    for (let i = 0; i < this.headerNames.length; i++) {
      const text = fieldText(textOf(claimAt(claims, this.headerPointers[i])))
      if (text.length == 0 || text.length > MAX_HEADER) {
        verdict.removeHeader(this.headerNames[i])
        continue
      }
      verdict.setHeader(this.headerNames[i], text)
      this.size += text.length
    }
    return true
  }

  private fillHeaders(headers: Settings): string {
    const names = headers.names()
    for (let i = 0; i < names.length; i++) {
      const name = lowerAscii(names[i])
      const steps = claimSteps(headers.string(names[i]))
      if (steps === null || steps.length == 0) return 'headers.' + names[i] + ' is not a JSON pointer to one claim'
      if (isReservedHeader(name)) return 'headers.' + names[i] + ' belongs to the gateway'
      if (this.headerNames.includes(name)) return 'headers.' + names[i] + ' stands there twice'
      this.headerNames.push(name)
      this.headerPointers.push(steps)
    }
    return ''
  }
}

/** The steps of a pointer to one claim; null when `pointer` is none, or leads to several values. */
export function claimSteps(pointer: string): Step[] | null {
  const steps = pointerSteps(pointer)
  if (steps === null) return null
  for (let i = 0; i < steps.length; i++) if (steps[i].isAny || steps[i].isAppend) return null
  return steps
}

/** What those steps lead to; a value that is MISSING when there is nothing. */
export function claimAt(claims: Json, steps: Step[]): Json {
  let json = claims
  for (let i = 0; i < steps.length; i++) {
    const step = unchecked(steps[i])
    json = json.isArray ? json.at(step.index) : json.get(step.key)
  }
  return json
}

/** A text as it is; anything else as JSON: a list stays a list, whatever its elements hold. */
function textOf(claim: Json): string {
  if (!claim.exists || claim.isNull) return ''
  return claim.isString ? claim.asString() : claim.toString()
}

function isName(text: string): bool {
  if (text.length == 0 || text.length > MAX_CONSUMER) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 || text.charCodeAt(i) == 0x7f) return false
  return true
}
