import { LABELS } from './kinds'
import { isWord } from './text'

/** What stands in place of masked data: the setting, with its parts filled in. */

let template = ''
let needsValue = false

/** Takes the setting in. Returns "" or what is wrong with it. */
export function prepareMask(mask: string): string {
  for (let at = mask.indexOf('{'); at >= 0; at = mask.indexOf('{', at + 1)) {
    if (mask.startsWith('{type}', at) || mask.startsWith('{last4}', at)) continue
    return 'mask: {type} and {last4} are the parts it may have'
  }
  template = mask
  needsValue = mask.includes('{last4}')
  return ''
}

export function maskNeedsValue(): bool {
  return needsValue
}

export function maskOf(kind: i32, value: string): string {
  const text = template.replaceAll('{type}', LABELS[kind])
  return needsValue ? text.replaceAll('{last4}', last4(value)) : text
}

/** The last four letters and digits; fewer of a short value, so that it does not show half of itself. */
function last4(value: string): string {
  let count = 0
  for (let i = 0; i < value.length; i++) if (isWord(value.charCodeAt(i))) count++
  let wanted = min(4, count / 3)
  let text = ''
  for (let i = value.length - 1; i >= 0 && wanted > 0; i--) {
    if (!isWord(value.charCodeAt(i))) continue
    text = value.charAt(i) + text
    wanted--
  }
  return text
}
