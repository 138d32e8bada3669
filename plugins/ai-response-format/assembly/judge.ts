import { Json, JsonSchema, schemaMistake, Settings, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { jsonIn, repairs } from './repair'
import { shapeMistake } from './shape'
import { Wanted } from './wanted'

/** Whether an answer is what it has to be, repaired where that helps. */

let schema: JsonSchema | null = null
let mends = true
let closes = true

/** Takes the settings in. Returns "" or what is wrong with them. */
export function prepareJudge(settings: Settings): string {
  mends = settings.bool('repair', true)
  closes = settings.string('truncated', 'close') == 'close'
  const given = settings.object('schema')
  if (given.json.length == 0) return ''
  schema = JsonSchema.compile(given.json.toString())
  return schema === null ? 'schema: ' + schemaMistake : ''
}

/** What is wrong with the answer that was judged last; "" when nothing is. */
export let mistake = ''
/** What had to be repaired: "fence,commas"; "" when nothing had. */
export let mended = ''

/** The JSON of an answer: the answer itself where that is what it has to be, or where it cannot be made so. */
export function judged(answer: string, wanted: Wanted): string {
  mended = ''
  const json = mends || Json.parse(answer) !== null ? jsonIn(answer) : ''
  if (json == '') {
    mistake = 'the answer is no JSON'
    return answer
  }
  if (!closes && repairs.includes('truncated')) {
    mistake = 'the answer breaks off'
    return answer
  }
  mistake = mistakeOf(json, wanted)
  if (mistake != '') return answer
  mended = repairs.join(',')
  return json
}

function mistakeOf(text: string, wanted: Wanted): string {
  const own = schema
  if (own !== null) {
    const errors = own.check(utf8Bytes(text), 1)
    if (errors.length > 0) return (errors[0].pointer == '' ? 'the answer' : errors[0].pointer) + ' ' + errors[0].message
  }
  const json = Json.parse(text)
  if (json === null) return 'the answer is too large or too deep'
  if (wanted.isObject && !json.isObject) return 'the answer is no object'
  return shapeMistake(json, wanted.schema)
}
