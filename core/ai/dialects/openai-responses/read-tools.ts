import type { ChatTool, ToolChoice } from '../../chat.js'
import { customTool } from '../../custom-tools.js'
import type { Members } from '../../members.js'
import { placed } from '../../places.js'
import { KEPT_CHOICE, KEPT_TOOLS, KeptTool } from './kept.js'
import { isClients, readNamespace } from './namespaces.js'
import { flatName } from './tool-names.js'

/** What the model may call. */
export interface ReadTools {
  tools: ChatTool[] | undefined
  choice: ToolChoice | undefined
  extra: Map<string, unknown>
}

/**
 * Functions and custom tools. Those that OpenAI runs itself (web_search, mcp, …) have no canonical shape: they are named by where they stand,
 * or kept when the request stays in the dialect.
 */
export function readTools(members: Members, sameDialect: boolean, toSee: boolean): ReadTools {
  const extra = new Map<string, unknown>()
  const kept: KeptTool[] = []
  let tools: ChatTool[] = []
  for (const tool of members.objects('tools')) {
    const read = readTool(tool, '', extra)
    if (read !== undefined) tools.push(read)
    else if (tool.object.type === 'namespace') {
      const lost = sameDialect ? new Map<string, unknown>() : extra // there they are written as they came
      tools.push(...readNamespace(tool, (each, name) => inner(each, name, lost)))
    } else {
      const path = `${tool.path} (${tool.text('type')})`
      if (sameDialect) kept.push(new KeptTool(tool.object, path))
      else extra.set(path, tool.object)
    }
  }
  if (kept.length > 0) extra.set(KEPT_TOOLS, kept)
  const { choice, allowed } = readChoice(members, sameDialect, extra)
  if (allowed !== undefined && !toSee) tools = tools.filter(tool => allowed.has(tool.name))
  return {
    tools: tools.length > 0 ? tools : undefined,
    choice: tools.length > 0 || kept.length > 0 ? choice : undefined,
    extra
  }
}

function inner(tool: Members, namespace: string, extra: Map<string, unknown>): ChatTool | undefined {
  const read = readTool(tool, namespace, extra)
  if (read === undefined) extra.set(`${tool.path} (${tool.text('type')})`, tool.object)
  return read
}

function readTool(tool: Members, namespace: string, extra: Map<string, unknown>): ChatTool | undefined {
  const type = tool.text('type')
  if (!isClients(tool.object)) return undefined
  const name = flatName(namespace, tool.text('name'))
  const description = tool.optionalText('description')
  const read: ChatTool =
    type === 'custom'
      ? customTool(name, description, tool.record('format'))
      : { name, description, parameters: tool.record('parameters'), strict: tool.flag('strict') }
  for (const [member, value] of tool.rest()) extra.set(tool.at(member), value)
  return placed(read, tool.path)
}

/** @returns the choice, and the names of the tools it leaves when it leaves not all */
function readChoice(
  members: Members,
  sameDialect: boolean,
  extra: Map<string, unknown>
): { choice?: ToolChoice | undefined; allowed?: Set<string> } {
  const value = members.any('tool_choice')
  if (value === undefined) return {}
  if (typeof value === 'string') return { choice: readMode(members, 'tool_choice') }
  const choice = members.within('tool_choice')
  const type = choice?.text('type')
  if (choice !== undefined && (type === 'function' || type === 'custom'))
    return { choice: { name: choice.text('name') } }
  if (sameDialect) extra.set(KEPT_CHOICE, value)
  else if (choice !== undefined && type === 'allowed_tools') {
    const allowed = new Set<string>()
    for (const tool of choice.objects('tools')) allowed.add(tool.optionalText('name') ?? '')
    return { choice: readMode(choice, 'mode'), allowed }
  } else extra.set('tool_choice', value)
  return {}
}

function readMode(members: Members, name: string): ToolChoice | undefined {
  const mode = members.optionalText(name)
  if (mode === undefined || mode === 'auto' || mode === 'none' || mode === 'required') return mode
  return members.fail(name, '"auto", "none", "required" or an object', mode)
}
