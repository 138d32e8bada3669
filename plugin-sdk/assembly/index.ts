/**
 * The Sluice plugin SDK: what a policy needs, and nothing of how the host is reached.
 *
 *     import { onRequest, RequestView, Verdict } from '@sluice/plugin-sdk/assembly'
 *     export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'
 *
 *     export function on_request(ptr: i32, len: i32): i32 {
 *       return onRequest(ptr, len, check)
 *     }
 *
 *     function check(request: RequestView): Verdict {
 *       return request.header('x-key') == '' ? Verdict.deny(401, 'missing key') : Verdict.next()
 *     }
 */
export { sluice_abi, sluice_alloc } from './abi'
export { abort } from './abort'
export { CompletionView, ChoiceView, DeltaView, PromptView, ToolCallView, UsedView } from './ai-events'
export { onAiEffect, onCompletion, onDelta, onPrompt, onToolCall, onUsage } from './ai-hooks'
export { AiMessage } from './ai-message'
export { AiVerdict } from './ai-verdict'
export { CallView, MessageView, PartView, ToolView, UsageView } from './ai-views'
export { EffectAnswer, EffectAnswers } from './answers'
export { base64Decode, base64Encode, base64Size, base64UrlDecodeAt, base64UrlEncode } from './base64'
export { bodyJson } from './body-json'
export { BodyKind, bodyKind, bodyKindOf } from './body-kind'
export { CallerKey, callerMistake } from './caller'
export { hasWideCharset } from './charset'
export { claimAt, ClaimMap, claimSteps } from './claims'
export { ODD } from './classes'
export { ContextView } from './context'
export { cookieOf, withoutCookie } from './cookies'
export { counted, countUp, Taken, takeTokens, takeTokensOf } from './counters'
export { Credentials, Place, Shown } from './credentials'
export { Decoder } from './decoder'
export { Effect } from './effect'
export { Elements } from './elements'
export { Coding, escapeSize, isMark, readEscape } from './escapes'
export { ErrorView, LogView, TickView } from './events'
export { fieldText, isFieldText, isReservedHeader } from './field-text'
export {
  onConfigure,
  onEffect,
  onError,
  onLog,
  onLogAsk,
  onRequest,
  onRequestBody,
  onResponse,
  onResponseBody,
  onTick,
  readsOnly
} from './hooks'
export { GroupMatch, log, Match, monotonic, now, random, randomBytes, Regex } from './host'
export { IpAddress } from './ip-address'
export { IpRanges } from './ip-ranges'
export { Json, JsonKind } from './json'
export { Field } from './json-fields'
export { pointerSteps, Step } from './json-pointer'
export { JsonScratch } from './json-scratch'
export { JsonSchema, SchemaError, schemaMistake } from './json-schema'
export { JsonTree } from './json-tree'
export { visitedKey, visitedKeySize, walkJson } from './json-walk'
export { Algorithm, algorithmOf, Hash, hmac, pbkdf2, VerifyKey } from './keys'
export { kv } from './kv'
export { LogFields } from './log-fields'
export { hasJsonType, mediaType } from './media-type'
export { Counter, Gauge, Histogram } from './metrics'
export { Part } from './part'
export { fold, isIgnorable, isWordPoint, pointAt, pointBefore, pointSize } from './points'
export {
  findParameter,
  FoundParameter,
  parameterValues,
  withAddedParameter,
  withOnlyParameters,
  withoutParameter,
  withParameter,
  withRenamedParameter
} from './query'
export { Recent } from './recent'
export { HeaderView, RequestView } from './request'
export { ResponseView } from './response'
export { Room } from './room'
export { secretMistake, secretOf } from './secrets'
export { Settings } from './settings'
export { sha256, sha256At } from './sha256'
export { SourceText } from './source-text'
export { Template, templateMistake, unnamedHeader } from './template'
export {
  constantTimeEqual,
  hexDecode,
  hexEncode,
  lowerAscii,
  percentDecode,
  percentEncode,
  withMergedSlashes
} from './text'
export { countTokens, Encoding, encodingOf, loadTokens } from './tokens'
export { utf8Bytes, utf8Text } from './utf8'
export { HeaderEdit, Verdict } from './verdict'
export { FoundWord, WordSet } from './word-set'
export { ENDS, WordTable } from './word-table'
export { ByteWriter } from './writer'
