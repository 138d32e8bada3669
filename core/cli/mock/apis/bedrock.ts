import { isObject, type JsonObject } from '../../../ai/members.js'
import type { Call, Endpoint, Reply } from '../api.js'
import { text } from '../ask.js'
import { invalid } from '../failure.js'
import { converse, countConverse, recordedConverse } from './bedrock-converse.js'
import { bedrockErrors as errors } from './bedrock-errors.js'
import { invoke } from './bedrock-invoke.js'

const model = (groups: readonly string[]): string => decodeURIComponent(groups[0] ?? '')
const common = { method: 'POST', errors, model }

/** Amazon Bedrock's runtime: Converse, InvokeModel, both streamed too, and CountTokens. */
export const bedrock: readonly Endpoint[] = [
  { ...common, path: /\/model\/([^/]+)\/converse$/, handle: call => converse(call, false) },
  {
    ...common,
    path: /\/model\/([^/]+)\/converse-stream$/,
    handle: call => converse(call, true),
    replay: recordedConverse
  },
  { ...common, path: /\/model\/([^/]+)\/invoke$/, handle: call => invoke(call, false) },
  { ...common, path: /\/model\/([^/]+)\/invoke-with-response-stream$/, handle: call => invoke(call, true) },
  { ...common, path: /\/model\/([^/]+)\/count-tokens$/, handle: countTokens }
]

function countTokens(call: Call): Reply {
  const input = isObject(call.json.input) ? call.json.input : {}
  const body: JsonObject | undefined = isObject(input.converse) ? input.converse : undefined
  if (body === undefined) throw invalid(`input: expected {"converse"}, found ${text(Object.keys(input)[0])}`)
  return countConverse(call, body)
}
