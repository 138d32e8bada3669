import { hasJsonType, JsonTree, RequestView, Step } from '@sluice/plugin-sdk/assembly'

let tree: JsonTree | null = null
let isRead = false

/** Whether the last request said that its body is JSON, and it was not. */
export let isMalformed = false

/** Begins a request: its body is read when a rule first asks for it. */
export function beginBody(): void {
  tree = null
  isRead = false
  isMalformed = false
}

/** Adds what the steps lead to in the body to `values`, `max` at most; objects and arrays as they are written. */
export function bodyValues(request: RequestView, steps: Step[], values: JsonTree[], max: i32): void {
  if (!isRead) {
    isRead = true
    if (request.bodySize > 0 && hasJsonType(request)) {
      tree = JsonTree.parseAt(request.bodyAt, request.bodySize)
      isMalformed = tree === null
    }
  }
  const root = tree
  if (root !== null) collect(root, steps, 0, values, max)
}

function collect(from: JsonTree, steps: Step[], depth: i32, values: JsonTree[], max: i32): void {
  if (values.length >= max) return
  if (depth == steps.length) {
    values.push(from)
    return
  }
  const step = steps[depth]
  if (!step.isAny) {
    const next = from.get(step)
    if (next !== null) collect(next, steps, depth + 1, values, max)
    return
  }
  for (let i = 0; i < from.length && values.length < max && !JsonTree.isTooLarge; i++) {
    collect(from.item(i), steps, depth + 1, values, max)
  }
}
