import { textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

/**
 * Puts a piece of a call's arguments in place: Vertex streams them as values with a path ("$.recipe.steps[0]").
 * https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 */
export function addPartial(args: JsonObject, partial: JsonObject): void {
  const steps = stepsOf(textIn(partial.jsonPath))
  const last = steps.pop()
  if (last === undefined) return
  let at: Holder = args
  for (const [i, step] of steps.entries()) {
    const next = get(at, step)
    if (isHolder(next)) {
      at = next
      continue
    }
    const made: Holder = typeof (steps[i + 1] ?? last) === 'number' ? [] : {}
    if (!set(at, step, made)) return
    at = made
  }
  const value = partialValue(partial)
  const before = get(at, last)
  set(at, last, typeof before === 'string' && typeof value === 'string' ? before + value : value)
}

type Holder = JsonObject | unknown[]
type Step = string | number

/** Most elements of a list: an index beyond it is none a model wrote. */
const MAX_INDEX = 100_000

function isHolder(value: unknown): value is Holder {
  return isObject(value) || Array.isArray(value)
}

function get(holder: Holder, step: Step): unknown {
  if (Array.isArray(holder)) return typeof step === 'number' ? holder[step] : undefined
  return Object.hasOwn(holder, step) ? holder[step] : undefined
}

function set(holder: Holder, step: Step, value: unknown): boolean {
  if (Array.isArray(holder)) {
    if (typeof step !== 'number' || step > MAX_INDEX) return false
    holder[step] = value
  } else Object.defineProperty(holder, step, { value, enumerable: true, writable: true, configurable: true })
  return true
}

/** "$.a[0]['b c']" as "a", 0, "b c". */
function stepsOf(path: string): Step[] {
  const steps: Step[] = []
  for (const found of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/g)) {
    steps.push(found[2] === undefined ? (found[1] ?? found[3] ?? found[4] ?? '') : Number(found[2]))
  }
  return steps
}

function partialValue(partial: JsonObject): unknown {
  if (typeof partial.stringValue === 'string') return partial.stringValue
  if (partial.numberValue !== undefined) return partial.numberValue
  if (partial.boolValue !== undefined) return partial.boolValue
  return null
}
