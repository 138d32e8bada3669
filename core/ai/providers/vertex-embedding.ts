import { objectIn, objectsIn, textIn } from '../lenient.js'
import { badRequest, type JsonObject } from '../members.js'

/** Whether the model is embedded with by `:embedContent`; the older ones are by `:predict`. */
export function embedsContent(model: string): boolean {
  return (model.includes('gemini') && model !== 'gemini-embedding-001') || model.includes('maas')
}

/**
 * Makes a batch of embedContent what Vertex takes.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 * @throws Refusal GW_AI_REQUEST_INVALID for several inputs where the model takes one
 */
export function vertexEmbedding(body: JsonObject, model: string): void {
  const requests = objectsIn(body.requests)
  const written = embedsContent(model) ? contentBody(requests) : predictBody(requests)
  for (const name of Object.keys(body)) delete body[name]
  Object.assign(body, written)
}

function contentBody(requests: readonly JsonObject[]): JsonObject {
  const [request, second] = requests
  if (request === undefined || second !== undefined) {
    throw badRequest('input', 'one input, which is all this model takes at a time', requests.length)
  }
  const { content, taskType, title, outputDimensionality } = request
  const config = Object.entries({ taskType, title, outputDimensionality }).filter(([, value]) => value !== undefined)
  return { content, ...(config.length > 0 && { embedContentConfig: Object.fromEntries(config) }) }
}

function predictBody(requests: readonly JsonObject[]): JsonObject {
  const instances = requests.map(request => {
    const texts = objectsIn(objectIn(request.content).parts).map(({ text }) => textIn(text))
    return {
      content: texts.join(''),
      ...(request.taskType !== undefined && { task_type: request.taskType }),
      ...(request.title !== undefined && { title: request.title })
    }
  })
  const outputDimensionality = requests[0]?.outputDimensionality
  return { instances, ...(outputDimensionality !== undefined && { parameters: { outputDimensionality } }) }
}
