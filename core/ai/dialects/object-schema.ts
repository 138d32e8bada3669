import type { JsonObject } from '../members.js'

/** JSON schema of a tool's arguments as most APIs want it: always an object that says its properties, be there none. */
export function objectSchema(parameters: Record<string, unknown> | undefined): JsonObject {
  return { ...parameters, type: 'object', properties: parameters?.properties ?? {} }
}
