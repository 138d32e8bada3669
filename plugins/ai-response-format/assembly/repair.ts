import { Json } from '@sluice/plugin-sdk/assembly'
import { looseValue } from './lenient'
import { at, beginScan, repair, repairsMade, text } from './scanner'

/** The JSON that is in a text. */

/** Places at which JSON is looked for; prose has a bracket now and then. */
const MAX_TRIES: i32 = 16

/** What was repaired in the last text. */
export let repairs: string[] = []

/** The JSON of an answer; "" when there is none. One that is JSON already comes back as it is, without a repair. */
export function jsonIn(answer: string): string {
  repairs = []
  if (Json.parse(answer) !== null) return answer
  const fence = answer.indexOf('```')
  let best = ''
  let from = nextBracket(answer, fence < 0 ? 0 : fence + 3)
  for (let i = 0; i < MAX_TRIES && from >= 0; i++) {
    beginScan(answer, from)
    const json = looseValue(0)
    if (json.length > best.length && Json.parse(json) !== null) {
      noteAround(answer.slice(0, from))
      repairs = repairsMade()
      best = json
    }
    from = nextBracket(answer, json == '' ? from + 1 : at)
  }
  return best
}

/** Notes what stands before the JSON and behind it. */
function noteAround(before: string): void {
  let rest = text.slice(at).trim()
  let head = before.trim()
  const fence = head.lastIndexOf('```')
  if (fence >= 0 || rest.startsWith('```')) {
    repair('fence')
    if (rest.startsWith('```')) rest = rest.slice(3).trim()
    if (fence >= 0) head = head.slice(0, fence).trim()
  }
  if (head != '' || rest != '') repair('prose')
}

function nextBracket(answer: string, from: i32): i32 {
  for (let i = from; i < answer.length; i++) {
    const unit = answer.charCodeAt(i)
    if (unit == 0x7b || unit == 0x5b) return i
  }
  return -1
}
