import { isObject, type JsonObject } from '../../members.js'
import { hashedName, MAX_NAME } from '../../tool-names.js'

/** A tool as a client of Responses knows it. */
export interface KnownTool {
  readonly name: string
  /** Empty: it is in none. */
  readonly namespace: string
  /** It takes free text. */
  readonly custom: boolean
}

/** The name of a tool in a namespace for models that know no namespaces; always the same, and never too long. */
export function flatName(namespace: string, name: string): string {
  if (namespace === '') return name
  const flat = `${namespace}__${name}`
  return flat.length <= MAX_NAME ? flat : hashedName(flat, flat)
}

/** The tools of a request by their flat names, but for functions in no namespace: those are what they seem. */
export function knownTools(request: JsonObject): ReadonlyMap<string, KnownTool> {
  const known = new Map<string, KnownTool>()
  addTools(request.tools, '', known)
  return known
}

function addTools(tools: unknown, namespace: string, known: Map<string, KnownTool>): void {
  for (const tool of Array.isArray(tools) ? tools : []) {
    if (!isObject(tool) || typeof tool.name !== 'string') continue
    const { name } = tool
    const custom = tool.type === 'custom'
    if (tool.type === 'namespace' && namespace === '') addTools(tool.tools, name, known)
    else if (custom || namespace !== '') known.set(flatName(namespace, name), { name, namespace, custom })
  }
}
