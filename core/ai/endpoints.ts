import type { HeaderList } from '../base/headers.js'
import { header } from '../base/headers.js'
import { percentDecoded } from '../base/percent.js'
import type { DialectName, Operation } from './dialects/dialect.js'
import type { JsonObject } from './members.js'
import type { PromptEndpoint } from './prompts/request.js'

/** What a path and a method ask for. */
export interface Endpoint {
  /** The dialect the client speaks, and is answered in. */
  readonly dialect: DialectName
  /** In which errors are told, where that is another; left out: in the same. */
  readonly errors?: DialectName
  readonly operation: Operation
  /** From the path; empty: the body names it, or the operation has none. */
  readonly model: string
  /** From the path; undefined: the body says. */
  readonly stream: boolean | undefined
  /** How the client wants a stream cut, where its dialect alone does not tell. */
  readonly framing: 'dialect' | 'json-array' | 'aws'
  /** The path below the dialect's root, for operations about one thing ("/responses/resp_1"). */
  readonly path: string
  /** Which list of models the client expects. */
  readonly shape: 'openai' | 'anthropic' | 'gemini' | 'ollama'
  /** Bedrock's InvokeModel, whose body is each model's own: what is asked for is seen there (`invokedEndpoint`). */
  readonly invoked?: boolean
  /** A prompt that is kept here; left out: it is none. */
  readonly prompt?: PromptEndpoint
}

/**
 * The endpoint of a request; undefined: there is none of this method and path. Paths are those of the official SDKs, with or without the
 * version they begin with.
 * @param query - without "?"
 */
export function findEndpoint(method: string, path: string, query: string, headers: HeaderList): Endpoint | undefined {
  const fixed = method === 'POST' ? POSTS.get(path) : method === 'GET' ? GETS.get(path) : undefined
  if (fixed !== undefined) return fixed.operation === 'models' ? models(fixed, headers) : fixed
  for (const [allowed, pattern, make] of PATTERNS) {
    const found = allowed === method ? pattern.exec(path) : null
    if (found !== null) return make(found, query, headers)
  }
  return undefined
}

/**
 * What a request of InvokeModel asks for: a chat of Claude's, which Anthropic's dialect is; an embedding of Titan's or Cohere's; or something that only
 * the model itself can read.
 */
export function invokedEndpoint(found: Endpoint, body: JsonObject): Endpoint {
  if (body.anthropic_version !== undefined || (/claude/i.test(found.model) && Array.isArray(body.messages)))
    return found
  const operation = found.stream !== true && isEmbedding(found.model, body) ? 'embeddings' : 'invoke'
  return { ...found, dialect: 'converse', operation, framing: 'dialect' }
}

function isEmbedding(model: string, { inputText, textGenerationConfig, texts }: JsonObject): boolean {
  if (Array.isArray(texts)) return true
  return typeof inputText === 'string' && textGenerationConfig === undefined && !model.includes('titan-text')
}

/** The methods there are for a path, for a 405. */
export function methodsOf(path: string): string[] {
  return ['GET', 'POST', 'DELETE'].filter(method => findEndpoint(method, path, '', []) !== undefined)
}

function endpoint(dialect: DialectName, operation: Operation, more: Partial<Endpoint> = {}): Endpoint {
  return { dialect, operation, model: '', stream: undefined, framing: 'dialect', path: '', shape: 'openai', ...more }
}

/** What is found below "/v1" and below nothing, by what follows it. */
const OPENAI: readonly (readonly [string, DialectName, Operation])[] = [
  ['/chat/completions', 'openai-chat', 'chat'],
  ['/completions', 'openai-completions', 'chat'],
  ['/embeddings', 'openai-chat', 'embeddings'],
  ['/moderations', 'openai-chat', 'moderations'],
  ['/images/generations', 'openai-chat', 'image-generation'],
  ['/images/edits', 'openai-chat', 'image-edit'],
  ['/images/variations', 'openai-chat', 'image-variation'],
  ['/audio/speech', 'openai-chat', 'speech'],
  ['/audio/transcriptions', 'openai-chat', 'transcription'],
  ['/audio/translations', 'openai-chat', 'translation'],
  ['/responses', 'openai-responses', 'chat'],
  ['/responses/input_tokens', 'openai-responses', 'response-input-tokens'],
  ['/rerank', 'cohere', 'rerank']
]

const POSTS: ReadonlyMap<string, Endpoint> = new Map([
  ...OPENAI.flatMap(([path, dialect, operation]) =>
    ['/v1', '/openai/v1', ''].map(root => [`${root}${path}`, endpoint(dialect, operation, { path })] as const)
  ),
  ['/v1/messages', endpoint('anthropic', 'chat', { path: '/messages' })],
  ['/v1/messages/count_tokens', endpoint('anthropic', 'count-tokens', { path: '/messages/count_tokens' })],
  ['/v2/chat', endpoint('cohere', 'chat')],
  ['/v2/embed', endpoint('cohere', 'embeddings')],
  ['/v2/rerank', endpoint('cohere', 'rerank')],
  ['/api/chat', endpoint('ollama-chat', 'chat')],
  ['/api/generate', endpoint('ollama-generate', 'chat')],
  ['/api/embed', endpoint('ollama-chat', 'embeddings')]
])

const GETS: ReadonlyMap<string, Endpoint> = new Map([
  ['/api/tags', endpoint('ollama-chat', 'models', { shape: 'ollama' })],
  ['/v1/models', endpoint('openai-chat', 'models')],
  ['/openai/v1/models', endpoint('openai-chat', 'models')],
  ['/models', endpoint('openai-chat', 'models')],
  ['/v1beta/models', endpoint('gemini', 'models', { shape: 'gemini' })]
])

/** Anthropic's clients are known by their headers: the path is the same. */
function models(found: Endpoint, headers: HeaderList): Endpoint {
  if (found.shape !== 'openai') return found
  const anthropic = header(headers, 'anthropic-version') !== undefined || header(headers, 'x-api-key') !== undefined
  return anthropic ? { ...found, dialect: 'anthropic', shape: 'anthropic' } : found
}

type Make = (found: RegExpExecArray, query: string, headers: HeaderList) => Endpoint | undefined

const RESPONSE_PARTS: ReadonlyMap<string, Operation> = new Map([
  ['GET ', 'response-get'],
  ['DELETE ', 'response-delete'],
  ['POST /cancel', 'response-cancel'],
  ['GET /input_items', 'response-input-items']
])

const GEMINI_METHODS: ReadonlyMap<string, Partial<Endpoint> & { operation: Operation }> = new Map([
  ['generateContent', { operation: 'chat', stream: false }],
  ['streamGenerateContent', { operation: 'chat', stream: true }],
  ['embedContent', { operation: 'embeddings' }],
  ['batchEmbedContents', { operation: 'embeddings' }],
  ['countTokens', { operation: 'count-tokens' }]
])

const BEDROCK_METHODS: ReadonlyMap<string, Partial<Endpoint> & { dialect: DialectName }> = new Map([
  ['converse', { dialect: 'converse', stream: false }],
  ['converse-stream', { dialect: 'converse', stream: true }],
  ['invoke', { dialect: 'anthropic', errors: 'converse', stream: false, invoked: true }],
  [
    'invoke-with-response-stream',
    { dialect: 'anthropic', errors: 'converse', stream: true, framing: 'aws', invoked: true }
  ]
])

const AZURE: ReadonlyMap<string, readonly [DialectName, Operation]> = new Map(
  OPENAI.map(([path, dialect, operation]) => [path, [dialect, operation] as const])
)

const PATTERNS: readonly (readonly [string, RegExp, Make])[] = [
  ['POST', /^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google\/models\/(.+):(\w+)$/, gemini],
  [
    'POST',
    /^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/(.+):(\w+)$/,
    vertexClaude
  ],
  // Some clients take a name with a slash for a whole path: "/v1beta/account/model:generateContent".
  ['POST', /^\/v1(?:beta|alpha)?\/(?:(?:models|tunedModels)\/)?(.+):(\w+)$/, gemini],
  ['POST', /^\/openai\/deployments\/([^/]+)(\/.+)$/, azure],
  ['POST', /^\/openai(\/responses)$/, () => endpoint('openai-responses', 'chat', { path: '/responses' })],
  ['POST', /^\/model\/([^/]+)\/([a-z-]+)$/, bedrock],
  // A method at the end, ":countTokens" or ":predict", is no part of a name; ":latest" is.
  ['GET', /^\/v1beta\/models\/((?:(?!:(?:predict|[a-z]+[A-Z]\w*)$).)+)$/, found => oneModel(found, 'gemini', 'gemini')],
  ['GET', /^(?:\/openai)?(?:\/v1)?\/models\/((?:(?!:(?:predict|[a-z]+[A-Z]\w*)$).)+)$/, anyModel],
  // A word alone, "compact", is what OpenAI can do besides; an id has more than letters.
  ...(['GET', 'POST', 'DELETE'] as const).map(
    method =>
      [
        method,
        /^(?:\/openai)?(?:\/v1)?(\/responses\/(?![a-z]+$)[^/]+)(\/cancel|\/input_items)?$/,
        storedResponse(method)
      ] as const
  )
]

function gemini([, model = '', method = '']: RegExpExecArray, query: string): Endpoint | undefined {
  const found = GEMINI_METHODS.get(method)
  if (found === undefined) return undefined
  const array = found.stream === true && new URLSearchParams(query).get('alt') !== 'sse'
  const path = `:${method}`
  return {
    ...endpoint('gemini', found.operation),
    ...found,
    model: percentDecoded(model),
    path,
    framing: array ? 'json-array' : 'dialect'
  }
}

function vertexClaude([, model = '', method = '']: RegExpExecArray): Endpoint | undefined {
  if (model === 'count-tokens') return endpoint('anthropic', 'count-tokens')
  if (method !== 'rawPredict' && method !== 'streamRawPredict') return undefined
  return endpoint('anthropic', 'chat', { model: percentDecoded(model), stream: method === 'streamRawPredict' })
}

function azure([, model = '', path = '']: RegExpExecArray): Endpoint | undefined {
  const found = AZURE.get(path)
  return found && endpoint(found[0], found[1], { model: percentDecoded(model), path })
}

function bedrock([, model = '', method = '']: RegExpExecArray): Endpoint | undefined {
  const found = BEDROCK_METHODS.get(method)
  return found && endpoint(found.dialect, 'chat', { ...found, model: percentDecoded(model) })
}

function anyModel(found: RegExpExecArray, _query: string, headers: HeaderList): Endpoint {
  const { dialect, shape } = models(endpoint('openai-chat', 'models'), headers)
  return oneModel(found, dialect, shape)
}

function oneModel([, model = '']: RegExpExecArray, dialect: DialectName, shape: Endpoint['shape']): Endpoint {
  return endpoint(dialect, 'models', { model: percentDecoded(model), shape })
}

function storedResponse(method: string): Make {
  return ([, path = '', part = '']) => {
    const operation = RESPONSE_PARTS.get(`${method} ${part}`)
    return operation && endpoint('openai-responses', operation, { path: path + part })
  }
}
