// generated from policy.proto, do not edit (npm run gen)

/** A field: its scalar type, or the name of its message or enum. "optional": absent is told from the default. */
export type FieldType = readonly [type: string, label: '' | 'optional' | 'repeated']
type ByName<T> = Readonly<Record<string, T>>

export const ENUMS: ByName<ByName<number>> = {
  KvOperationKind: { GET: 0, SET: 1, DELETE: 2, SWAP: 3, ADD: 4 },
  HeaderEditOp: { SET: 0, ADD: 1, REMOVE: 2, RENAME: 3 },
  MessageEditOp: { REPLACE: 0, INSERT: 1, REMOVE: 2 }
}

export const FIELDS: ByName<ByName<FieldType>> = {
  ConfigureInput: {
    plugin: ['string', ''],
    binding: ['string', ''],
    settings: ['bytes', '']
  },
  ConfigureResult: {
    error: ['string', ''],
    input: ['string', 'repeated']
  },
  Context: {
    exchangeId: ['string', ''],
    route: ['string', ''],
    upstream: ['string', ''],
    consumer: ['string', ''],
    params: ['string', 'repeated'],
    tags: ['string', 'repeated'],
    state: ['bytes', ''],
    nowMs: ['uint64', ''],
    bag: ['string', 'repeated']
  },
  Request: {
    method: ['string', ''],
    scheme: ['string', ''],
    host: ['string', ''],
    path: ['string', ''],
    query: ['string', ''],
    headers: ['string', 'repeated'],
    clientIp: ['string', '']
  },
  Response: {
    status: ['uint32', ''],
    headers: ['string', 'repeated']
  },
  RequestInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    body: ['bytes', '']
  },
  ResponseInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    body: ['bytes', ''],
    response: ['Response', 'optional']
  },
  ErrorInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    response: ['Response', 'optional'],
    code: ['string', ''],
    blame: ['string', ''],
    retryable: ['bool', '']
  },
  LogInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    response: ['Response', 'optional'],
    code: ['string', ''],
    durationUs: ['uint64', ''],
    bytesIn: ['uint64', ''],
    bytesOut: ['uint64', ''],
    target: ['string', '']
  },
  TickInput: {
    context: ['Context', 'optional'],
    tick: ['uint64', '']
  },
  EffectInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    body: ['bytes', ''],
    response: ['Response', 'optional'],
    hook: ['string', ''],
    answers: ['EffectAnswer', 'repeated']
  },
  Effect: {
    id: ['string', ''],
    http: ['HttpCallout', 'optional'],
    kv: ['KvOperation', 'optional'],
    secret: ['string', ''],
    jwks: ['string', ''],
    refresh: ['bool', ''],
    detached: ['bool', '']
  },
  HttpCallout: {
    upstream: ['string', ''],
    url: ['string', ''],
    method: ['string', ''],
    headers: ['string', 'repeated'],
    body: ['bytes', ''],
    timeoutMs: ['uint32', ''],
    maxBytes: ['uint32', '']
  },
  KvOperation: {
    kind: ['KvOperationKind', ''],
    key: ['string', ''],
    value: ['bytes', ''],
    expected: ['bytes', ''],
    ttlMs: ['uint32', ''],
    delta: ['int64', '']
  },
  EffectAnswer: {
    id: ['string', ''],
    error: ['string', ''],
    status: ['uint32', ''],
    headers: ['string', 'repeated'],
    body: ['bytes', ''],
    found: ['bool', ''],
    number: ['int64', '']
  },
  HeaderEdit: {
    op: ['HeaderEditOp', ''],
    name: ['string', ''],
    value: ['string', '']
  },
  Reply: {
    status: ['uint32', ''],
    headers: ['string', 'repeated'],
    body: ['bytes', '']
  },
  Verdict: {
    reply: ['Reply', 'optional'],
    headers: ['HeaderEdit', 'repeated'],
    responseHeaders: ['HeaderEdit', 'repeated'],
    method: ['string', 'optional'],
    path: ['string', 'optional'],
    query: ['string', 'optional'],
    upstream: ['string', 'optional'],
    status: ['uint32', 'optional'],
    body: ['bytes', 'optional'],
    consumer: ['string', 'optional'],
    tags: ['string', 'repeated'],
    state: ['bytes', 'optional'],
    effects: ['Effect', 'repeated'],
    bag: ['string', 'repeated']
  },
  ContentPart: {
    type: ['string', ''],
    text: ['string', ''],
    url: ['string', ''],
    mediaType: ['string', '']
  },
  ToolCall: {
    id: ['string', ''],
    name: ['string', ''],
    arguments: ['string', '']
  },
  Message: {
    role: ['string', ''],
    content: ['ContentPart', 'repeated'],
    name: ['string', ''],
    toolCalls: ['ToolCall', 'repeated'],
    toolCallId: ['string', '']
  },
  Tool: {
    name: ['string', ''],
    description: ['string', ''],
    parameters: ['string', '']
  },
  Prompt: {
    operation: ['string', ''],
    model: ['string', ''],
    messages: ['Message', 'repeated'],
    tools: ['Tool', 'repeated'],
    parameters: ['string', ''],
    stream: ['bool', ''],
    estimatedTokens: ['uint32', '']
  },
  PromptInput: {
    context: ['Context', 'optional'],
    request: ['Request', 'optional'],
    prompt: ['Prompt', 'optional']
  },
  DeltaInput: {
    context: ['Context', 'optional'],
    index: ['uint32', ''],
    sequence: ['uint32', ''],
    text: ['string', ''],
    thinking: ['string', ''],
    refusal: ['string', ''],
    held: ['string', ''],
    last: ['bool', ''],
    late: ['bool', ''],
    finishReason: ['string', '']
  },
  ToolCallInput: {
    context: ['Context', 'optional'],
    index: ['uint32', ''],
    call: ['ToolCall', 'optional']
  },
  Usage: {
    inputTokens: ['uint64', ''],
    outputTokens: ['uint64', ''],
    cacheReadTokens: ['uint64', ''],
    cacheWriteTokens: ['uint64', ''],
    reasoningTokens: ['uint64', ''],
    costMicroDollars: ['uint64', ''],
    estimated: ['bool', '']
  },
  CompletionInput: {
    context: ['Context', 'optional'],
    provider: ['string', ''],
    model: ['string', ''],
    choices: ['Choice', 'repeated'],
    usage: ['Usage', 'optional'],
    streamed: ['bool', '']
  },
  Choice: {
    message: ['Message', 'optional'],
    finishReason: ['string', '']
  },
  UsageInput: {
    context: ['Context', 'optional'],
    provider: ['string', ''],
    model: ['string', ''],
    usage: ['Usage', 'optional']
  },
  AiEffectInput: {
    hook: ['string', ''],
    answers: ['EffectAnswer', 'repeated'],
    prompt: ['PromptInput', 'optional'],
    delta: ['DeltaInput', 'optional'],
    toolCall: ['ToolCallInput', 'optional'],
    completion: ['CompletionInput', 'optional']
  },
  AiVerdict: {
    verdict: ['Verdict', 'optional'],
    model: ['string', 'optional'],
    messages: ['MessageEdit', 'repeated'],
    parameters: ['string', 'optional'],
    removeTools: ['string', 'repeated'],
    addTools: ['Tool', 'repeated'],
    text: ['string', 'optional'],
    hold: ['string', 'optional'],
    arguments: ['string', 'optional'],
    drop: ['bool', ''],
    stop: ['bool', ''],
    holdMs: ['uint32', '']
  },
  MessageEdit: {
    op: ['MessageEditOp', ''],
    at: ['uint32', ''],
    message: ['Message', 'optional'],
    stop: ['bool', '']
  }
}
