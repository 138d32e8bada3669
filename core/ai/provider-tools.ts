import { loadedTools, withoutLoadedTools } from './loaded-tools.js'
import { isObject, type JsonObject } from './members.js'
import type { ProviderTool } from './provider-tool.js'
import { searchMember, WEB_SEARCH, withoutSearchMembers } from './search-members.js'

/** Types of tools that are functions of the client, or groups of such. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['function', 'custom', 'namespace'])
/** Members of Gemini's tools that are functions of the client. */
const DECLARATIONS: ReadonlySet<string> = new Set(['functionDeclarations', 'function_declarations'])
/** Anthropic's list of MCP servers, whose tools the model is offered. */
const SERVERS = 'mcp_servers'
/** What Bedrock hands on to the model as it is: of Anthropic's, tools and servers. */
const HANDED_ON = 'additionalModelRequestFields'
/** Where Bedrock's tools are. */
const CONFIG = 'toolConfig'

/** Those of a request, in order. */
export function providerTools(request: JsonObject): ProviderTool[] {
  const { [HANDED_ON]: handedOn, [CONFIG]: config } = request
  return [
    ...listed(request),
    ...(isObject(config) ? objectsIn(config.tools).flatMap(systemTool) : []),
    ...(isObject(handedOn) ? listed(handedOn) : []),
    ...loadedTools(request),
    ...searchMember(request)
  ]
}

/** The request without those of these names; the same when it has none of them. */
export function withoutProviderTools(request: JsonObject, names: ReadonlySet<string>): JsonObject {
  if (!providerTools(request).some(({ name }) => names.has(name))) return request
  const asked = names.has(WEB_SEARCH) ? withoutSearchMembers(request) : request
  const { [HANDED_ON]: handedOn, [CONFIG]: config, ...rest } = withoutLoadedTools(withoutListed(asked, names), names)
  return {
    ...rest,
    ...(handedOn !== undefined && { [HANDED_ON]: isObject(handedOn) ? withoutListed(handedOn, names) : handedOn }),
    ...(config !== undefined && { [CONFIG]: isObject(config) ? withoutSystemTools(config, names) : config })
  }
}

function listed(request: JsonObject): ProviderTool[] {
  const tools = objectsIn(request.tools).flatMap(toolsIn)
  const { [SERVERS]: servers } = request
  return Array.isArray(servers) && servers.length > 0 ? [...tools, { name: 'mcp', type: SERVERS }] : tools
}

function withoutListed(request: JsonObject, names: ReadonlySet<string>): JsonObject {
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

/** Of Bedrock: one that a model brings along. */
function systemTool({ systemTool: tool }: JsonObject): ProviderTool[] {
  return isObject(tool) && typeof tool.name === 'string' ? [{ name: tool.name, type: 'systemTool' }] : []
}

function withoutSystemTools(config: JsonObject, names: ReadonlySet<string>): JsonObject {
  const { tools } = config
  if (!Array.isArray(tools)) return config
  return {
    ...config,
    tools: tools.filter(tool => !(isObject(tool) && systemTool(tool).some(({ name }) => names.has(name))))
  }
}

function objectsIn(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : []
}
