import { note, Sign } from './signs'

/** Marks with which chats are put together for a model: in a text they claim that another speaker begins. */

/** Marks, and the first four letters of each as one number: most places are none after one comparison each. */
@final
class Marks {
  readonly fours: StaticArray<u64>

  constructor(readonly texts: string[]) {
    this.fours = new StaticArray<u64>(texts.length)
    for (let i = 0; i < texts.length; i++) this.fours[i] = load<u64>(changetype<usize>(texts[i]))
  }
}

const MARKS = new Marks([
  '<|im_start|>', '<|im_end|>', '<|im_sep|>', '<|endoftext|>', '<|system|>', '<|user|>', '<|assistant|>', '<|eot_id|>', '<|start_header_id|>',
  '<|end_header_id|>', '<|begin_of_text|>', '<|end_of_text|>', '<|endofprompt|>', '<|channel|>', '<|message|>', '<|start|>', '<|end|>',
  '<|start_of_role|>', '<start_of_turn>', '<end_of_turn>', '<<sys>>', '<</sys>>', '[/inst]', '[system_prompt]', '[/system_prompt]',
  '[available_tools]', '[tool_results]', '<\uff5cuser\uff5c>', '<\uff5cassistant\uff5c>', '<\uff5cbegin'
])
const WEAK = new Marks([
  '[inst]', '<system>', '</system>', '<system_prompt>', '</system_prompt>', '<instructions>', '[system]', '[system message]', '[system](#', '(#context)', '### system',
  '### instruction:', '### response:', '"role": "system"', '"role":"system"', "'role': 'system'", '```system', '---end of'
])

/** Looks for the marks in `text`, in lower case. */
export function readMarks(text: string): void {
  let weak = 0
  for (let i = 0; i < text.length; i++) {
    const unit = <i32>load<u16>(changetype<usize>(text) + (<usize>i << 1))
    if (unit >= 0x61) continue
    switch (unit) {
      case 0x3c:
      case 0x5b:
        if (isOneOf(text, i, MARKS)) note(Sign.DELIMITER, 5)
        else if (isOneOf(text, i, WEAK)) note(Sign.DELIMITER, ++weak > 1 ? 5 : 3)
        break
      case 0x23:
      case 0x22:
      case 0x27:
      case 0x28:
      case 0x60:
      case 0x2d:
        if (isOneOf(text, i, WEAK)) note(Sign.DELIMITER, ++weak > 1 ? 5 : 3)
        break
      case 0x0a:
        readLine(text, i)
        break
      case 0x21:
        readImage(text, i)
        break
    }
  }
}

/** A line that begins as the turns of old dialects do, behind an empty line. */
function readLine(text: string, at: i32): void {
  if (text.charCodeAt(at + 1) != 0x0a) return
  if (text.startsWith('human:', at + 2) || text.startsWith('assistant:', at + 2)) note(Sign.DELIMITER, 2)
  if (text.startsWith('system:', at + 2)) note(Sign.DELIMITER, 3)
}

/** ![…](http…{…): an image whose address takes data along. */
function readImage(text: string, at: i32): void {
  if (text.charCodeAt(at + 1) != 0x5b) return
  let close = at + 2
  while (close < text.length && close - at < 200 && text.charCodeAt(close) != 0x5d && text.charCodeAt(close) != 0x5b) close++
  if (close >= text.length || text.charCodeAt(close) != 0x5d || !text.startsWith('](http', close)) return
  for (let i = close; i < text.length && i - close < 500; i++) {
    const unit = text.charCodeAt(i)
    if (unit == 0x29) return
    if (unit == 0x7b || unit == 0x5b || unit == 0x24) return note(Sign.EXFILTRATION, 3)
  }
}

function isOneOf(text: string, at: i32, marks: Marks): bool {
  if (at + 4 > text.length) return false
  const four = load<u64>(changetype<usize>(text) + (<usize>at << 1))
  for (let i = 0; i < marks.fours.length; i++) {
    if (unchecked(marks.fours[i]) == four && text.startsWith(marks.texts[i], at)) return true
  }
  return false
}
