import { isObject, type JsonObject } from './members.js'
import type { ProviderTool } from './provider-tool.js'

/** Searches that are asked for by a member of the request, not by a tool: to who decides about tools they all have one name. */
export const WEB_SEARCH = 'web_search'

/** By member: what of it asks for a search is taken out of it. undefined: nothing of it is left. */
const MEMBERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  // OpenAI, Perplexity
  web_search_options: () => undefined,
  // xAI: without a mode it is "auto"
  search_parameters: value => (isObject(value) && value.mode === 'off' ? value : undefined),
  // OpenRouter: a list of what it does beside the model
  plugins: value => (Array.isArray(value) ? withoutSearch(value) : value),
  // Alibaba
  enable_search: value => (value === true ? undefined : value)
}

/** The first such member of a request; one is enough. */
export function searchMember(request: JsonObject): ProviderTool[] {
  const type = Object.keys(MEMBERS).find(name => asks(request, name))
  return type === undefined ? [] : [{ name: WEB_SEARCH, type }]
}

export function withoutSearchMembers(request: JsonObject): JsonObject {
  const left: JsonObject = {}
  for (const [name, value] of Object.entries(request)) {
    const now = asks(request, name) ? MEMBERS[name]?.(value) : value
    if (now !== undefined) left[name] = now
  }
  return left
}

function asks(request: JsonObject, name: string): boolean {
  const value = request[name]
  if (value === undefined || value === null || !Object.hasOwn(MEMBERS, name)) return false
  return MEMBERS[name]?.(value) !== value
}

/** The same list when nothing in it searches. */
function withoutSearch(plugins: readonly unknown[]): unknown {
  const left = plugins.filter(plugin => !(isObject(plugin) && plugin.id === 'web' && plugin.enabled !== false))
  if (left.length === plugins.length) return plugins
  return left.length === 0 ? undefined : left
}
