/** What a model of Gemini takes, told by its name. Names that say nothing ("gemini-flash-latest", tuned models) count as newest. */

interface Version {
  readonly major: number
  readonly minor: number
}

/** Whether thoughts have levels instead of budgets, and calls signatures that are checked. */
export function isGemini3(model: string): boolean {
  return versionOf(model).major >= 3
}

/** Whether it thinks. */
export function thinks(model: string): boolean {
  const { major, minor } = versionOf(model)
  return !model.includes('gemma') && (major > 2 || (major === 2 && minor >= 5))
}

/** Whether it takes JSON Schema itself besides the subset of OpenAPI's. */
export function takesJsonSchema(model: string): boolean {
  return thinks(model)
}

/** Whether it cannot be told to think less than a little. */
export function isPro(model: string): boolean {
  return model.includes('-pro')
}

function versionOf(model: string): Version {
  const found = /gemini-(?:[a-z]+-)?(\d+)(?:\.(\d+))?/.exec(model)
  if (found === null) return { major: 3, minor: 0 }
  return { major: Number(found[1]), minor: Number(found[2] ?? 0) }
}
