import type { ChatTool } from '../../chat.js'
import { isObject, type JsonObject, type Members } from '../../members.js'
import { inPlaceOf } from '../../places.js'

/** The place of a tool that stands in a namespace. */
export interface InNamespace {
  readonly namespace: JsonObject
  /** As it came. */
  readonly tool: JsonObject
}

/** Whether a tool of the client's is one that a chat has. */
export function isClients(tool: JsonObject): boolean {
  return tool.type === 'function' || tool.type === 'custom'
}

/**
 * The tools of a namespace, one by one.
 * @param read - one of them, under a name that says which namespace; undefined: a chat has no place for it
 */
export function readNamespace(
  namespace: Members,
  read: (tool: Members, name: string) => ChatTool | undefined
): ChatTool[] {
  const name = namespace.text('name')
  return namespace.objects('tools').flatMap(tool => {
    const found = read(tool, name)
    return found === undefined
      ? []
      : [inPlaceOf({ ...found, within: { namespace: namespace.object, tool: tool.object } }, found)]
  })
}

/**
 * Tools with those of namespaces in these again, with what they came with, and what no chat has a place for.
 * @param write - one that is in none; @param i - its place
 */
export function writeNamespaces(
  tools: readonly ChatTool[],
  write: (tool: ChatTool, i: number) => JsonObject
): JsonObject[] {
  const begun = new Set<JsonObject>()
  return tools.flatMap((tool, i) => {
    const namespace = tool.within?.namespace
    if (namespace === undefined) return [write(tool, i)]
    if (begun.has(namespace)) return []
    begun.add(namespace)
    return [{ ...namespace, tools: writeTools(namespace, tools) }]
  })
}

function writeTools(namespace: JsonObject, tools: readonly ChatTool[]): unknown[] {
  const came: readonly unknown[] = Array.isArray(namespace.tools) ? namespace.tools : []
  return came.flatMap(each => {
    const tool = tools.find(({ within }) => within?.tool === each)
    if (!isObject(each) || !isClients(each)) return [each]
    return tool === undefined ? [] : [written(each, tool)]
  })
}

/** Policies may have changed what it says of itself. Parameters of a custom tool only stand in for its format. */
function written(came: JsonObject, { description, parameters, custom }: ChatTool): JsonObject {
  return {
    ...came,
    ...(description !== undefined && { description }),
    ...(custom === undefined && parameters !== undefined && { parameters })
  }
}
