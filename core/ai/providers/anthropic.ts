import { allValues, type HeaderList, header } from '../../base/headers.js'
import { abilitiesOf } from '../dialects/anthropic/models.js'
import { isByTool } from '../dialects/anthropic/write-request.js'
import type { Operation } from '../dialects/dialect.js'
import type { JsonObject } from '../members.js'
import { keyOf } from './bearer.js'
import type { BodyEdits, Provider } from './provider.js'
import { without } from './query.js'
import { askForOtherRoot } from './schema-prompt.js'

/** docs.claude.com/en/api/overview, /versioning, /beta-headers. */
export const anthropic: Provider = {
  name: 'anthropic',
  title: 'Anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  required: [],
  optional: [],

  dialects: operation => (PATHS[operation] === undefined ? [] : ['anthropic']),

  address({ operation, query, headers, body, stream }) {
    const [method, path] = PATHS[operation] ?? ['POST', '/messages']
    const sent: HeaderList = ['anthropic-version', header(headers, 'anthropic-version') ?? VERSION]
    const betas = [...betasIn(body), allValues(headers, 'anthropic-beta')].filter(each => each !== '').join(',')
    if (betas !== '') sent.push('anthropic-beta', betas)
    return { method, path: withQuery(path, query), headers: sent, edits: editsOf(body, stream) }
  },

  /** Arguments are objects: where a tool would stand for another answer, that is asked for in words. */
  adapt(chat, dropped) {
    if (isByTool(chat, abilitiesOf(chat.model).structured)) askForOtherRoot(chat, dropped)
  },

  /** What only an answer needs is refused where tokens are counted. */
  finish(body, { operation }) {
    if (operation !== 'count-tokens') return
    for (const name of Object.keys(body)) if (!COUNTED.has(name)) delete body[name]
  },

  authorize(request, credential) {
    const secret = keyOf('anthropic', credential)
    if (!secret.startsWith(OAUTH)) return ['x-api-key', secret]
    const betas = allValues(request.headers, 'anthropic-beta')
    const flags = betas.split(',').map(flag => flag.trim())
    const authorization: HeaderList = ['authorization', `Bearer ${secret}`]
    if (flags.includes(OAUTH_BETA)) return authorization
    return [...authorization, 'anthropic-beta', betas === '' ? OAUTH_BETA : `${betas},${OAUTH_BETA}`]
  }
}

const COUNTED = new Set([
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config'],
  ...['cache_control', 'context_management', 'mcp_servers', 'speed']
])
/** A client that thinks it speaks to Bedrock or Vertex says in the body what here are headers, and whether it streams nowhere. */
function editsOf(body: JsonObject | undefined, stream: boolean): BodyEdits | undefined {
  if (body === undefined) return undefined
  const set = stream && body.stream !== true ? { stream: true } : {}
  return { set, remove: body.anthropic_version === undefined ? [] : ['anthropic_version', 'anthropic_beta'] }
}

function betasIn(body: JsonObject | undefined): string[] {
  const flags = body?.anthropic_beta
  return Array.isArray(flags) ? flags.filter(each => typeof each === 'string') : []
}

const VERSION = '2023-06-01'
/** How tokens of a person's account begin, which are no API keys. */
const OAUTH = 'sk-ant-oat'
const OAUTH_BETA = 'oauth-2025-04-20'

const PATHS: Readonly<Partial<Record<Operation, readonly [method: string, path: string]>>> = {
  chat: ['POST', '/messages'],
  'count-tokens': ['POST', '/messages/count_tokens'],
  models: ['GET', '/models']
}

/** What clients say who think that they speak to Vertex or Azure. */
const OTHERS: ReadonlySet<string> = new Set(['alt', '$alt', 'api-version'])

function withQuery(path: string, query: string): string {
  const own = without(query, OTHERS)
  return own === '' ? path : `${path}?${own}`
}
