import type { JsonObject } from './members.js'

/**
 * Tools that no chat has: those that a provider runs itself, or knows by their type (a search, code, MCP servers), and those that come with the
 * items of a conversation. A chat leaves them out, or keeps them where only their dialect finds them. Those who decide about tools see
 * them here, in the request as it came.
 */
export interface ProviderTool {
  /** The one the model knows where there is one (Anthropic), else its type ("web_search", "mcp"), or its member (Gemini's "googleSearch"). A search that is no tool is "web_search". */
  readonly name: string
  readonly type: string
  /** Of a function of the client's. */
  readonly description?: string
  /** JSON Schema. Of a function of the client's. */
  readonly parameters?: JsonObject
}
