import type { AssistantPart, ChatResponse, Choice, TextPart } from '../../chat.js'
import { textOf } from '../../chat.js'
import type { ProviderFailure } from '../../failure.js'
import { numberIn, objectIn, objectsIn, secondsIn, someText, textIn } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { callId } from '../tool-calls.js'
import { brokenBy, readFinish } from './finish.js'
import { annotationsIn } from './grounding.js'
import { loneSignature, readPart } from './parts.js'
import { readUsage } from './usage.js'

/** https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function readResponse(body: JsonObject): ChatResponse {
  if (
    !['candidates', 'promptFeedback', 'usageMetadata'].some(name => isObject(body[name]) || Array.isArray(body[name]))
  ) {
    throw badResponse('candidates', 'a list', body.candidates)
  }
  const id = textIn(body.responseId)
  const choices = objectsIn(body.candidates).map((candidate, i) => readCandidate(candidate, i, id))
  if (choices.length === 0) {
    const blocked = someText(objectIn(body.promptFeedback).blockReason) !== undefined
    choices.push({ index: 0, content: [], finish_reason: blocked ? 'content_filter' : 'stop' })
  }
  const usage = readUsage(body)
  return {
    id,
    model: textIn(body.modelVersion),
    created: secondsIn(body.createTime),
    choices,
    usage,
    ...(usage?.tier !== undefined && { service_tier: usage.tier })
  }
}

/** The error of a reply in which no candidate says anything, and one broke off. */
export function brokenIn(body: JsonObject): ProviderFailure | undefined {
  const candidates = objectsIn(body.candidates)
  const says = candidates.some((candidate, i) => {
    return readParts(candidate, i, '').content.some(({ type }) => isSaid(type))
  })
  if (says) return undefined
  for (const { finishReason, finishMessage } of candidates) {
    const failure = brokenBy(textIn(finishReason), someText(finishMessage))
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Whether a part is one that is meant for the client, and not for the model alone. */
export function isSaid(type: AssistantPart['type']): boolean {
  return type !== 'thinking' && type !== 'redacted_thinking'
}

/** What the parts of a candidate say. */
export interface ReadParts {
  readonly content: AssistantPart[]
  /** By part on the wire, the place in `content` of what it is, or a piece of; undefined: it has no canonical form. */
  readonly owners: (number | undefined)[]
  /** And where in the text it begins. */
  readonly starts: number[]
  readonly calls: number
}

export function readParts(candidate: JsonObject, index: number, responseId: string): ReadParts {
  const content: AssistantPart[] = []
  const owners: (number | undefined)[] = []
  const starts: number[] = []
  let calls = 0
  for (const part of objectsIn(objectIn(candidate.content).parts)) {
    starts.push(textOf(content).length)
    const says = isObject(part.functionCall)
      ? content.push(readCall(part, part.functionCall, responseId, index, calls++)) > 0
      : signBefore(content, part) || append(content, readPart(part))
    owners.push(says ? content.length - 1 : undefined)
  }
  return { content, owners, starts, calls }
}

function readCandidate(candidate: JsonObject, position: number, responseId: string): Choice {
  const index = numberIn(candidate.index) ?? position
  const { content, starts, calls } = readParts(candidate, index, responseId)
  annotate(content, candidate, starts)
  return {
    index,
    content,
    finish_reason: readFinish(textIn(candidate.finishReason), calls > 0),
    ...(candidate.logprobsResult !== undefined && { logprobs: readLogprobs(candidate.logprobsResult) })
  }
}

/** Whether the part is but the signature of the thoughts before it. */
function signBefore(content: readonly AssistantPart[], part: JsonObject): boolean {
  const last = content.at(-1)
  const signature = last?.type === 'thinking' && last.signature === undefined ? loneSignature(part) : undefined
  if (last?.type !== 'thinking' || signature === undefined) return false
  last.signature = signature
  return true
}

/** Texts that follow each other are one: parts are only how they came. A signature ends one. @returns whether there was anything */
function append(content: AssistantPart[], part: AssistantPart | undefined): boolean {
  if (part === undefined) return false
  const last = content.at(-1)
  const open = last !== undefined && 'text' in last && last.signature === undefined
  if (open && last.type === part.type && 'text' in part) {
    last.text += part.text
    if (part.signature !== undefined) last.signature = part.signature
  } else content.push(part)
  return true
}

function readCall(part: JsonObject, call: JsonObject, responseId: string, index: number, n: number): AssistantPart {
  const name = textIn(call.name)
  const signature = someText(part.thoughtSignature)
  return {
    type: 'tool_call',
    id: someText(call.id) ?? callId(responseId, index, n, name),
    name,
    arguments: JSON.stringify(objectIn(call.args)),
    ...(signature !== undefined && { signature })
  }
}

function annotate(content: readonly AssistantPart[], candidate: JsonObject, starts: readonly number[]): void {
  if (candidate.groundingMetadata === undefined && candidate.citationMetadata === undefined) return
  const texts = content.filter((part): part is TextPart => part.type === 'text')
  for (const annotation of annotationsIn(candidate, textOf(content), starts)) {
    const cited = partAt(texts, annotation.start_index)
    if (cited !== undefined) cited.annotations = [...(cited.annotations ?? []), annotation]
  }
}

/** The part in which the unit of the whole text stands; the last one where that is not said. */
function partAt(texts: readonly TextPart[], at: number | undefined): TextPart | undefined {
  let left = at ?? Number.POSITIVE_INFINITY
  for (const part of texts) {
    if (left < part.text.length) return part
    left -= part.text.length
  }
  return texts.at(-1)
}

/** As OpenAI's clients have them. */
export function readLogprobs(result: unknown): JsonObject {
  const tops = objectsIn(objectIn(result).topCandidates)
  const content = objectsIn(objectIn(result).chosenCandidates).map((chosen, i) => ({
    ...logprobOf(chosen),
    top_logprobs: objectsIn(tops[i]?.candidates).map(logprobOf)
  }))
  return { content }
}

function logprobOf(chosen: JsonObject): JsonObject {
  const token = textIn(chosen.token)
  return { token, logprob: numberIn(chosen.logProbability) ?? 0, bytes: [...new TextEncoder().encode(token)] }
}
