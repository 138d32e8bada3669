import { Refusal } from '../../../base/refusal.js'
import type { ToolCallPart } from '../../chat.js'
import { parsed, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { flatName } from './tool-names.js'

/**
 * A call that the client carries out, or is asked to allow, and that has more to it than a name and arguments: of OpenAI's own tools, of an MCP
 * server, and of tools in a namespace. The item stays with it, to be written as it came.
 * @returns undefined: it is none, or the provider runs it itself
 */
export function clientCall(item: JsonObject): ToolCallPart | undefined {
  const name = nameOf(item)
  if (name === undefined) return undefined
  const call: ToolCallPart = {
    type: 'tool_call',
    id: textIn(item.call_id) || textIn(item.id),
    name,
    arguments: argumentsOf(item),
    item
  }
  return item.type === 'custom_tool_call' ? { ...call, custom: true } : call
}

/** The item with arguments that a policy may have changed. @throws Refusal GW_AI_UNSUPPORTED when it has no place for them */
export function withArguments(item: JsonObject, args: string): JsonObject {
  const now = argumentsOf(item)
  if (args === now) return item
  const member = memberOf(item)
  if (item.type === 'function_call' || item.type === 'custom_tool_call') return { ...item, [member]: args }
  const value = item.type === 'mcp_approval_request' ? undefined : parsed(args)
  if (typeof value === 'object' && value !== null && Array.isArray(value) === now.startsWith('['))
    return { ...item, [member]: value }
  const detail = `${item.type}: a policy of this route changed its arguments to what such a call cannot have.`
  throw new Refusal('GW_AI_UNSUPPORTED', detail, [], { detail })
}

function nameOf(item: JsonObject): string | undefined {
  switch (item.type) {
    case 'function_call':
    case 'custom_tool_call': {
      const [namespace, name] = [textIn(item.namespace), textIn(item.name)]
      // A function that was found by a search has its own name as its namespace.
      if (namespace === name) return name || undefined
      return namespace === '' ? undefined : flatName(namespace, name)
    }
    case 'mcp_approval_request':
      return textIn(item.name)
    case 'tool_search_call':
      return item.execution === 'client' ? 'tool_search' : undefined
    case 'shell_call':
      return isObject(item.environment) && item.environment.type !== 'local' ? undefined : 'shell'
    case 'local_shell_call':
      return 'local_shell'
    case 'apply_patch_call':
      return 'apply_patch'
    case 'computer_call':
      return 'computer'
    default:
      return undefined
  }
}

/** Where the arguments are. */
function memberOf(item: JsonObject): string {
  switch (item.type) {
    case 'custom_tool_call':
      return 'input'
    case 'function_call':
    case 'mcp_approval_request':
    case 'tool_search_call':
      return 'arguments'
    case 'apply_patch_call':
      return 'operation'
    default:
      return Array.isArray(item.actions) ? 'actions' : 'action'
  }
}

function argumentsOf(item: JsonObject): string {
  const value = item[memberOf(item)]
  return typeof value === 'string' ? value : JSON.stringify(value ?? {})
}
