import { allValues, type HeaderList } from '../../base/headers.js'
import type { ChatRequest } from '../chat.js'
import { ATTRIBUTION, isAttribution } from '../dialects/anthropic/kept.js'
import { abilitiesOf } from '../dialects/anthropic/models.js'
import { isByTool } from '../dialects/anthropic/write-request.js'
import type { DialectName, Dropped } from '../dialects/dialect.js'
import { isObject, type JsonObject } from '../members.js'
import type { BodyEdits, ProviderCall } from './provider.js'
import { askForOtherRoot } from './schema-prompt.js'

/** What turns a request of Anthropic's own API into one for Claude at another cloud. */
export interface ClaudeCall {
  /** Behind the model in the path: "/invoke", ":rawPredict". */
  readonly suffix: string
  readonly headers: HeaderList
  readonly edits: BodyEdits
  /** What of the request is not known there. */
  readonly dropped: readonly string[]
}

/** Claude on Bedrock (docs.claude.com/en/api/claude-on-amazon-bedrock): the model is in the path, beta flags are in the body. */
export function claudeOnBedrock(call: ProviderCall): ClaudeCall {
  const set: Record<string, unknown> = { anthropic_version: 'bedrock-2023-05-31', ...withoutAttribution(call.body) }
  const { betas, lost } = betasOf(call, BEDROCK_BETAS)
  if (betas.length > 0) set.anthropic_beta = betas
  const remove = [...ELSEWHERE_UNKNOWN, 'model', 'stream']
  if (betas.length === 0) remove.push('anthropic_beta')
  const suffix = call.stream ? '/invoke-with-response-stream' : '/invoke'
  return { suffix, headers: [], edits: { set, remove }, dropped: [...unknownIn(call.body), ...lost] }
}

/**
 * Claude on Vertex (docs.claude.com/en/api/claude-on-vertex-ai): beta flags stay a header. To count tokens the path names the model
 * "count-tokens" with the same suffix, and the model stays in the body.
 */
export function claudeOnVertex(call: ProviderCall): ClaudeCall {
  const set = { anthropic_version: 'vertex-2023-10-16', ...withoutAttribution(call.body) }
  const { betas, lost } = betasOf(call, VERTEX_BETAS)
  return {
    suffix: call.stream ? ':streamRawPredict' : ':rawPredict',
    headers: betas.length === 0 ? [] : ['anthropic-beta', betas.join(',')],
    edits: {
      set,
      remove: [...ELSEWHERE_UNKNOWN, 'anthropic_beta', ...(call.operation === 'count-tokens' ? [] : ['model'])]
    },
    dropped: [...unknownIn(call.body), ...lost]
  }
}

/** The same for a chat that was read: for `Provider.adapt`. @param dialect - it is written in */
export function dropUnknown(chat: ChatRequest, dropped: Dropped, dialect: DialectName | undefined): void {
  for (const name of [ATTRIBUTION, ...UNKNOWN]) if (chat.extra.delete(name)) dropped.drop(name)
  const claude = abilitiesOf(chat.model.includes('claude') ? chat.model : 'claude-3')
  if (isByTool(chat, claude.structured)) askForOtherRoot(chat, dropped)
  if (dialect !== 'anthropic' || chat.service_tier === undefined) return
  dropped.drop('service_tier')
  chat.service_tier = undefined
}

/** Members that only Anthropic's own API knows: elsewhere they are "extra inputs" and the request is refused. */
const UNKNOWN = [
  'container',
  'diagnostics',
  'fallbacks',
  'inference_geo',
  'mcp_servers',
  'service_tier',
  'speed',
  'user_profile_id',
  'workspace_id'
]
/** Beside them what says the beta flags, which have another place. */
const ELSEWHERE_UNKNOWN = [...UNKNOWN, 'betas']

const BOTH = [
  'claude-code-20250219',
  'compact-2026-01-12',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dangerous-tool-use-2026-09-03',
  'interleaved-thinking-2025-05-14',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'tool-search-tool-2025-10-19'
].map(flag => [flag, flag] as const)

/** What Anthropic calls `advanced-tool-use` is known there by the one part that is. */
const RENAMED = [['advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19']] as const

/** Beta flags by name, with the name they have there; a flag that is not here makes a request fail, so it is left out. */
const BEDROCK_BETAS: ReadonlyMap<string, string> = new Map([
  ...BOTH,
  ...RENAMED,
  ...[
    'dev-full-thinking-2025-05-14',
    'effort-2025-11-24',
    'fine-grained-tool-streaming-2025-05-14',
    'mid-conversation-output-config-2026-07-01',
    'mid-conversation-tool-changes-2026-07-01',
    'output-128k-2025-02-19',
    'token-efficient-tools-2025-02-19',
    'tool-examples-2025-10-29'
  ].map(flag => [flag, flag] as const)
])

const VERTEX_BETAS: ReadonlyMap<string, string> = new Map([
  ...BOTH,
  ...RENAMED,
  ...['compact-2026-09-04', 'per-turn-control-2026-07-01', 'web-search-2025-03-05'].map(flag => [flag, flag] as const)
])

/** The flags of header and body that are known there, by their names there, each once; and the others, as the caller is told of them. */
function betasOf({ headers, body }: ProviderCall, known: ReadonlyMap<string, string>): Betas {
  const asked = allValues(headers, 'anthropic-beta').split(',')
  for (const list of [body?.anthropic_beta, body?.betas]) {
    if (Array.isArray(list)) asked.push(...list.filter(each => typeof each === 'string'))
  }
  const flags = new Set<string>()
  const lost = new Set<string>()
  for (const flag of asked.map(each => each.trim())) {
    const name = known.get(flag)
    if (name !== undefined) flags.add(name)
    else if (flag !== '') lost.add(`anthropic-beta: ${flag}`)
  }
  return { betas: [...flags], lost: [...lost] }
}

interface Betas {
  readonly betas: string[]
  readonly lost: string[]
}

function unknownIn(body: JsonObject | undefined): string[] {
  return UNKNOWN.filter(name => body?.[name] !== undefined && body[name] !== null)
}

/** Claude Code's attribution changes with every request: only Anthropic takes it out before it looks for the prompt in its cache. */
function withoutAttribution(body: JsonObject | undefined): { system?: unknown } {
  const system = body?.system
  if (!Array.isArray(system)) return {}
  const first: unknown = system[0]
  if (!isObject(first) || typeof first.text !== 'string' || !isAttribution(first.text)) return {}
  return { system: system.slice(1) }
}
