import { type FailureKind, kindOfStatus, type ProviderFailure } from '../../failure.js'
import { isObject, type JsonObject } from '../../members.js'
import { readFailure as readGoogles } from '../gemini/failure.js'
import { kindOfWords } from './failure-words.js'
import { objectOf, objectsOf, optional } from './lenient.js'

const MAX_MESSAGE = 2_000

/** Reads an error reply of OpenAI or of anyone who speaks its dialect; their envelopes differ. */
export function readFailure(status: number, whole: unknown): ProviderFailure {
  const body = Array.isArray(whole) ? objectsOf(whole)[0] : whole // Google's is a list of one
  if (isObject(body) && isGoogles(body)) return readGoogles(status, body)
  const said = isObject(body) ? wordsOf(body) : { message: typeof body === 'string' ? body.trim() : '' }
  const message = said.message.slice(0, MAX_MESSAGE)
  // Within a stream the code is often the status (OpenRouter, vLLM, Perplexity).
  const known = status >= 400 ? status : statusIn(said.code)
  return {
    kind: kindOf(known, { ...said, message }),
    status,
    message: message === '' ? `the provider answered ${status}` : message,
    ...(said.type !== undefined && { type: said.type }),
    ...(said.code !== undefined && { code: said.code }),
    ...(said.param !== undefined && { param: said.param }),
    ...waitIn(message)
  }
}

/** The error within a reply or a chunk that came with status 200; undefined: there is none. */
export function failureIn(body: JsonObject): ProviderFailure | undefined {
  if (isObject(body.error) ? Object.keys(body.error).length > 0 : optional(body.error) !== undefined) {
    return readFailure(0, body)
  }
  if (body.object === 'error' || body.type === 'error') return readFailure(0, body)
  const { status_code } = objectOf(body.base_resp) // MiniMax
  if (typeof status_code === 'number' && status_code !== 0) return readFailure(0, body)
  // OpenRouter: the provider behind it failed on this choice
  const failed = objectsOf(body.choices).find(choice => isObject(choice.error))
  return failed && readFailure(0, failed)
}

/** Of Gemini and of Vertex behind this dialect: https://google.aip.dev/193, with a name for the status in it, "RESOURCE_EXHAUSTED". */
function isGoogles({ error }: JsonObject): boolean {
  return isObject(error) && typeof error.status === 'string' && /^[A-Z]+(?:_[A-Z]+)*$/.test(error.status)
}

interface Words {
  readonly message: string
  readonly type?: string | undefined
  readonly code?: string | undefined
  readonly param?: string | undefined
}

function wordsOf(body: JsonObject): Words {
  const { error } = body
  if (isObject(error)) {
    const inner = optional(objectOf(error.innererror).code) // Azure: what its filter found
    const raw = optional(objectOf(error.metadata).raw) // OpenRouter: what the provider behind it said
    const message = messageOf(error)
    return {
      message: raw === undefined ? message : `${message}: ${raw}`,
      type: optional(error.type) ?? inner,
      code: codeOf(error.code),
      param: optional(error.param)
    }
  }
  const base = objectOf(body.base_resp)
  const first = objectsOf(body.errors)[0] // Cloudflare
  return {
    // xAI: {code, error}; Hugging Face: {error, error_type}
    message: optional(error) ?? (first && messageOf(first)) ?? optional(base.status_msg) ?? messageOf(body),
    type: optional(body.type) ?? optional(body.error_type),
    code: codeOf(body.code ?? body.error_code ?? first?.code ?? base.status_code),
    param: optional(body.param)
  }
}

/** `message`, or FastAPI's and Mistral's `detail`, which may be a list of what is wrong where. */
function messageOf(error: JsonObject): string {
  const found = optional(error.message) ?? optional(error.detail) ?? optional(error.title) ?? optional(error.msg)
  if (found !== undefined) return found
  const detail = error.detail ?? error.message
  if (isObject(detail)) return messageOf(detail)
  return objectsOf(detail)
    .map(each => {
      const place = Array.isArray(each.loc) ? each.loc.join('.') : ''
      return place === '' ? messageOf(each) : `${place}: ${messageOf(each)}`
    })
    .join('; ')
}

function codeOf(code: unknown): string | undefined {
  return typeof code === 'number' ? String(code) : optional(code)
}

function statusIn(code: string | undefined): number {
  const status = Number(code)
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : 0
}

/** What the words say first: a status tells less, and some send 400 for all. */
function kindOf(status: number, { message, type, code }: Words): FailureKind {
  const said = kindOfWords(code, type, message, status)
  if (said !== undefined) return said
  return status === 0 ? 'server' : kindOfStatus(status)
}

const RETRY = /(?:try again|retry)(?: in| after)? ((?:\d[\d.]* ?(?:ms|h|m|s)[a-z]*\s?)+)/i

/** "Please try again in 1m2.5s" (OpenAI, Groq), "retry after 26 seconds" (Azure). */
function waitIn(message: string): { retryAfterMs?: number } {
  const said = RETRY.exec(message)?.[1] ?? ''
  let ms = 0
  for (const [, amount = '', unit = ''] of said.matchAll(/([\d.]+) ?(ms|h|m|s)/g)) {
    ms += Number(amount) * (UNITS[unit] ?? 0)
  }
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: Math.ceil(ms) } : {}
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
