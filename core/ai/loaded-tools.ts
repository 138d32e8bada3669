import { flatName } from './dialects/openai-responses/tool-names.js'
import { textIn } from './lenient.js'
import { isObject, type JsonObject } from './members.js'
import type { ProviderTool } from './provider-tool.js'

/** Items of a Responses input that offer the model tools beside those of `tools`: found by a search, or added later. */
const OFFERING: ReadonlySet<unknown> = new Set(['tool_search_output', 'additional_tools'])
/** The tools of an MCP server, as they were found: they belong to the tool "mcp". */
const LISTING = 'mcp_list_tools'
/** Members that may have items. */
const HOLDERS = ['instructions', 'input'] as const

/** Tools that come with the items of a request, but for those that are among its `tools` too. */
export function loadedTools(request: JsonObject): ProviderTool[] {
  const items = HOLDERS.flatMap(name => objectsIn(request[name]))
  const found = items
    .flatMap(item => (OFFERING.has(item.type) ? objectsIn(item.tools) : []))
    .flatMap(tool => toolsIn(tool))
  if (items.some(({ type }) => type === LISTING)) found.push({ name: 'mcp', type: LISTING })
  const known = new Set(
    found.length === 0
      ? []
      : objectsIn(request.tools)
          .flatMap(tool => toolsIn(tool))
          .map(nameOf)
  )
  return found.filter(({ name }, i) => !known.has(name) && found.findIndex(each => each.name === name) === i)
}

/** The request without those of these names in its items. */
export function withoutLoadedTools(request: JsonObject, names: ReadonlySet<string>): JsonObject {
  const changed: JsonObject = { ...request }
  for (const name of HOLDERS) {
    const items = request[name]
    if (Array.isArray(items)) changed[name] = items.flatMap(item => (isObject(item) ? withoutIn(item, names) : [item]))
  }
  return changed
}

function withoutIn(item: JsonObject, names: ReadonlySet<string>): JsonObject[] {
  if (item.type === LISTING) return names.has('mcp') ? [] : [item]
  if (!OFFERING.has(item.type)) return [item]
  const were = objectsIn(item.tools)
  if (!were.flatMap(tool => toolsIn(tool)).some(({ name }) => names.has(name))) return [item]
  const tools = were.flatMap(tool => without(tool, names))
  // What a search came to is an answer to its call: it stays, empty.
  return tools.length === 0 && item.type === 'additional_tools' ? [] : [{ ...item, tools }]
}

function toolsIn(tool: JsonObject, namespace = ''): ProviderTool[] {
  const { type, name, description, parameters } = tool
  if (type === 'namespace') return objectsIn(tool.tools).flatMap(each => toolsIn(each, textIn(name)))
  if (type !== 'function' && type !== 'custom') return typeof type === 'string' ? [{ name: type, type }] : []
  return [
    {
      name: flatName(namespace, textIn(name)),
      type,
      ...(typeof description === 'string' && { description }),
      ...(isObject(parameters) && { parameters })
    }
  ]
}

function without(tool: JsonObject, names: ReadonlySet<string>, namespace = ''): JsonObject[] {
  if (tool.type !== 'namespace') return toolsIn(tool, namespace).some(({ name }) => names.has(name)) ? [] : [tool]
  const tools = objectsIn(tool.tools).flatMap(each => without(each, names, textIn(tool.name)))
  return tools.length === 0 ? [] : [{ ...tool, tools }]
}

function nameOf({ name }: ProviderTool): string {
  return name
}

function objectsIn(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : []
}
