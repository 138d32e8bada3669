/** The messages between host and plugin: the only importer of the code generated from policy.proto. */
export {
  AiEffectInput,
  AiVerdict,
  CompletionInput,
  ConfigureInput,
  ConfigureResult,
  Context,
  DeltaInput,
  type Effect,
  EffectAnswer,
  EffectInput,
  ErrorInput,
  HeaderEditOp as EditOp,
  type HttpCallout,
  type KvOperation,
  KvOperationKind as KvKind,
  LogInput,
  type Message,
  MessageEditOp,
  PromptInput,
  type Reply as PluginReply,
  Request,
  RequestInput,
  ResponseInput,
  TickInput,
  type Tool,
  ToolCallInput,
  type Usage as PluginUsage,
  UsageInput,
  Verdict
} from './gen/policy.js'

/** Field 3, bytes, of RequestInput and ResponseInput: the tag and length that stand before a body. */
export function bodyPrefix(length: number): number[] {
  const prefix = [(3 << 3) | 2]
  let rest = length
  while (rest > 127) {
    prefix.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  prefix.push(rest)
  return prefix
}

/** Field 15, bytes, of every input: so many bytes that say nothing, at least 2. Decoders skip it. */
export function padding(size: number): number[] {
  return [(15 << 3) | 2, size - 2, ...new Array<number>(size - 2).fill(0)]
}
