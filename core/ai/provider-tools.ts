import { isObject, type JsonObject } from './members.js'

/**
 * Tools that a provider runs itself, or knows by their type: a search, code, MCP servers. They have no canonical shape: a chat leaves them out, or
 * keeps them where only their dialect finds them. Those who decide about tools see them here, in the request as it came.
 */
export interface ProviderTool {
  /** The one the model knows where there is one (Anthropic), else its type ("web_search", "mcp"), or its member (Gemini's "googleSearch"). */
  readonly name: string
  readonly type: string
}

/** Types of tools that are functions of the client, or groups of such. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['function', 'custom', 'namespace'])
/** Members of Gemini's tools that are functions of the client. */
const DECLARATIONS: ReadonlySet<string> = new Set(['functionDeclarations', 'function_declarations'])
/** Anthropic's list of MCP servers, whose tools the model is offered. */
const SERVERS = 'mcp_servers'

/** Those of a request, in order. */
export function providerTools(request: JsonObject): ProviderTool[] {
  const tools = Array.isArray(request.tools) ? request.tools.filter(isObject).flatMap(toolsIn) : []
  const { [SERVERS]: servers } = request
  return Array.isArray(servers) && servers.length > 0 ? [...tools, { name: 'mcp', type: SERVERS }] : tools
}

/** The request without those of these names; the same when it has none of them. */
export function withoutProviderTools(request: JsonObject, names: ReadonlySet<string>): JsonObject {
  if (!providerTools(request).some(({ name }) => names.has(name))) return request
  const { tools, [SERVERS]: servers, ...rest } = request
  return {
    ...rest,
    ...(Array.isArray(tools) && { tools: tools.flatMap(tool => (isObject(tool) ? without(tool, names) : [tool])) }),
    ...(servers !== undefined && !names.has('mcp') && { [SERVERS]: servers })
  }
}

function toolsIn(tool: JsonObject): ProviderTool[] {
  const { type, name } = tool
  if (typeof type === 'string') {
    return OF_CLIENTS.has(type) ? [] : [{ name: typeof name === 'string' ? name : type, type }]
  }
  if (typeof name === 'string') return []
  return Object.keys(tool).flatMap(member => (DECLARATIONS.has(member) ? [] : [{ name: member, type: member }]))
}

function without(tool: JsonObject, names: ReadonlySet<string>): JsonObject[] {
  const gone = toolsIn(tool).filter(({ name }) => names.has(name))
  if (gone.length === 0) return [tool]
  if (typeof tool.type === 'string') return []
  const left = Object.entries(tool).filter(([member]) => !names.has(member))
  return left.length === 0 ? [] : [Object.fromEntries(left)]
}
