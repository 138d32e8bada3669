import { Refusal } from '../../base/refusal.js'
import { didYouMean } from '../../config/suggest.js'
import { badRequest, type JsonObject, Members } from '../members.js'

/** What a request to the endpoints of prompts means. */
export type PromptEndpoint =
  | {
      readonly kind: 'call'
      readonly name: string
      readonly version: string | undefined
      readonly label: string | undefined
    }
  /** @param name - undefined: all prompts in one document */
  | { readonly kind: 'openapi'; readonly name: string | undefined }
  | { readonly kind: 'feedback' }

/**
 * Finds the endpoint. The paths are `/prompts/<name>`, `/prompts/<name>/versions/<v>`, `/prompts/<name>/openapi.json`,
 * `/prompts/openapi.json` and `/feedback`.
 * @param path - below where the prompts are served, percent-encoding in normal form
 * @param query - without the "?"
 * @returns undefined when it is none of these, `allow` when it wants another method
 */
export function promptEndpoint(
  method: string,
  path: string,
  query: string
): PromptEndpoint | { readonly kind: 'method'; readonly allow: string } | undefined {
  const found = endpointAt(path, query)
  if (found === undefined) return undefined
  const allow = found.kind === 'openapi' ? 'GET, HEAD' : 'POST'
  return allow.split(', ').includes(method) ? found : { kind: 'method', allow }
}

function endpointAt(path: string, query: string): PromptEndpoint | undefined {
  if (path === '/feedback') return { kind: 'feedback' }
  if (path === '/prompts/openapi.json') return { kind: 'openapi', name: undefined }
  const [, name, rest = ''] = /^\/prompts\/([^/]+)(\/.+)?$/.exec(path) ?? []
  if (name === undefined) return undefined
  if (rest === '/openapi.json') return { kind: 'openapi', name }
  const label = new URLSearchParams(query).get('label') ?? undefined
  if (rest === '') return { kind: 'call', name, version: undefined, label }
  const version = /^\/versions\/([^/]+)$/.exec(rest)?.[1]
  return version === undefined ? undefined : { kind: 'call', name, version, label: undefined }
}

/** The body of a call. */
export interface PromptCall {
  readonly variables: JsonObject
  readonly stream: boolean
  readonly metadata: Record<string, string> | undefined
  readonly user: string | undefined
}

/** @throws Refusal GW_AI_REQUEST_INVALID, with the member's path */
export function readPromptCall(body: unknown): PromptCall {
  const members = Members.of(body, '', badRequest)
  const call = {
    variables: members.record('variables') ?? {},
    stream: members.flag('stream') ?? false,
    metadata: textsOf(members),
    user: members.optionalText('user')
  }
  noOthers(members, ['variables', 'stream', 'metadata', 'user'])
  return call
}

/** A judgement of a completion. */
export interface Feedback {
  /** Of the completion, or of the trace it is in. */
  readonly by: { readonly id: string } | { readonly trace: string }
  /** From 0, of no use, to 1, as good as it gets. */
  readonly score: number
  readonly comment: string | undefined
}

const MAX_COMMENT_CHARACTERS = 4_000

/**
 * Reads `{id | trace, score | rating, comment?}`: a score from 0 to 1, or a rating, "up", "down" or 1 to 5 stars.
 * @throws Refusal GW_AI_REQUEST_INVALID, with the member's path
 */
export function readFeedback(body: unknown): Feedback {
  const members = Members.of(body, '', badRequest)
  const id = members.optionalText('id')
  const trace = members.optionalText('trace')
  const score = scoreOf(members)
  const comment = members.optionalText('comment')
  noOthers(members, ['id', 'trace', 'score', 'rating', 'comment'])
  if ((comment?.length ?? 0) > MAX_COMMENT_CHARACTERS) {
    throw invalid('comment', `comment: expected at most ${MAX_COMMENT_CHARACTERS} characters, found ${comment?.length}`)
  }
  if (id !== undefined) return { by: { id }, score, comment }
  if (trace !== undefined) return { by: { trace }, score, comment }
  throw invalid('id', 'id: expected the id of a completion, or trace, found nothing')
}

/** What is found under a name. @throws Refusal GW_PROMPT_UNKNOWN */
export function known<Value>(map: ReadonlyMap<string, Value>, name: string, what: string): Value {
  const found = map.get(name)
  if (found !== undefined) return found
  const detail = `there is no ${what} "${name}"`
  throw new Refusal('GW_PROMPT_UNKNOWN', detail, [], { detail })
}

function scoreOf(members: Members): number {
  const score = members.number('score')
  const rating = members.any('rating')
  if (score !== undefined && rating !== undefined) throw invalid('rating', 'rating: expected it without a score')
  if (score !== undefined)
    return score >= 0 && score <= 1 ? score : members.fail('score', 'a number from 0 to 1', score)
  if (rating === 'up') return 1
  if (rating === 'down') return 0
  if (typeof rating === 'number' && Number.isInteger(rating) && rating >= 1 && rating <= 5) return (rating - 1) / 4
  if (rating === undefined) throw invalid('score', 'score: expected a number from 0 to 1, or a rating, found nothing')
  return members.fail('rating', '"up", "down" or a whole number from 1 to 5', rating)
}

function textsOf(members: Members): Record<string, string> | undefined {
  const metadata = members.record('metadata')
  if (metadata === undefined) return undefined
  const texts = Object.entries(metadata).map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value]
    throw badRequest(`metadata.${name}`, 'a string', value)
  })
  return Object.fromEntries(texts)
}

/** These bodies are ours alone: what is not known here is a slip of the pen. */
function noOthers(members: Members, names: readonly string[]): void {
  for (const name of members.rest().keys()) {
    throw invalid(name, `${name}: expected one of ${names.join(', ')}${didYouMean(name, names)}`)
  }
}

function invalid(param: string, message: string): Refusal {
  return new Refusal('GW_AI_REQUEST_INVALID', message, [], { param, detail: message })
}
