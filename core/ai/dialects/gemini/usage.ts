import { countIn, numberIn, objectIn, objectsIn, textIn } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'

/**
 * What a reply or a chunk of a stream used; undefined: it does not say (the chunks of Vertex carry usageMetadata without counts).
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(body: JsonObject): Usage | undefined {
  const meta = objectIn(body.usageMetadata)
  const prompt = numberIn(meta.promptTokenCount)
  const candidates = numberIn(meta.candidatesTokenCount)
  if (prompt === undefined && candidates === undefined && numberIn(meta.totalTokenCount) === undefined) {
    return predicted(body)
  }
  const input = countIn(prompt) + countIn(meta.toolUsePromptTokenCount)
  const reasoning = countIn(meta.thoughtsTokenCount)
  const total = numberIn(meta.totalTokenCount)
  // Where the answer is left out, the total tells what there was of it.
  const rest = prompt === undefined || total === undefined ? 0 : Math.max(0, total - input - reasoning)
  const answered = countIn(candidates ?? meta.responseTokenCount ?? rest)
  // Some models count thoughts among the candidates' tokens: only the total tells.
  const within = reasoning > 0 && answered >= reasoning && total === input + answered
  const ofPrompt = [...objectsIn(meta.promptTokensDetails), ...objectsIn(meta.toolUsePromptTokensDetails)]
  const ofCache = objectsIn(meta.cacheTokensDetails)
  const ofAnswer = objectsIn(meta.candidatesTokensDetails)
  return usageOf({
    input,
    cacheRead: countIn(meta.cachedContentTokenCount),
    audioInput: Math.max(0, tokens(ofPrompt, 'AUDIO') - tokens(ofCache, 'AUDIO')),
    imageInput: Math.max(0, tokens(ofPrompt, 'IMAGE') - tokens(ofCache, 'IMAGE')),
    output: within ? answered : answered + reasoning,
    reasoning,
    audioOutput: tokens(ofAnswer, 'AUDIO'),
    imageOutput: tokens(ofAnswer, 'IMAGE'),
    searches: queriesIn(body).length,
    tier: tierOf(meta)
  })
}

/** The counts as Gemini's clients read them. */
export function writeUsage(usage: Usage): JsonObject {
  const answered = Math.max(0, usage.output - usage.reasoning)
  return {
    promptTokenCount: usage.input,
    candidatesTokenCount: answered,
    totalTokenCount: usage.input + answered + usage.reasoning,
    ...(usage.cacheRead > 0 && { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    promptTokensDetails: details(usage.input, usage.audioInput, usage.imageInput),
    ...(answered > 0 && { candidatesTokensDetails: details(answered, usage.audioOutput, usage.imageOutput) })
  }
}

/** Vertex' embeddings say for each text what it used. */
function predicted(body: JsonObject): Usage | undefined {
  const predictions = objectsIn(body.predictions)
  if (predictions.length === 0) return undefined
  let input = 0
  for (const { embeddings } of predictions) input += countIn(objectIn(objectIn(embeddings).statistics).token_count)
  return usageOf({ input })
}

function tokens(details: readonly JsonObject[], modality: string): number {
  let sum = 0
  for (const each of details) if (each.modality === modality) sum += countIn(each.tokenCount)
  return sum
}

/** Searches with Google are billed by the query. */
export function queriesIn(body: JsonObject): unknown[] {
  return objectsIn(body.candidates).flatMap(candidate => {
    const queries = objectIn(candidate.groundingMetadata).webSearchQueries
    return Array.isArray(queries) ? queries.filter(query => query !== '') : []
  })
}

/** Before a tier other than the usual one: "ON_DEMAND_FLEX". */
const ON_DEMAND = 'ON_DEMAND_'

function tierOf(meta: JsonObject): string | undefined {
  const tier = textIn(meta.serviceTier).toLowerCase()
  if (tier !== '') return tier === 'standard' ? 'default' : tier
  const traffic = textIn(meta.trafficType)
  if (traffic === 'PROVISIONED_THROUGHPUT') return 'provisioned'
  return traffic.startsWith(ON_DEMAND) ? traffic.slice(ON_DEMAND.length).toLowerCase() : undefined
}

function details(all: number, audio: number, image: number): JsonObject[] {
  const parts: [string, number][] = [
    ['TEXT', Math.max(0, all - audio - image)],
    ['AUDIO', audio],
    ['IMAGE', image]
  ]
  return parts.filter(([, count]) => count > 0).map(([modality, tokenCount]) => ({ modality, tokenCount }))
}
