import { objectIn, objectsIn, textIn } from '../lenient.js'
import type { JsonObject } from '../members.js'

/**
 * Makes a batch of embedContent a `:predict` request, which is how Vertex embeds.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export function predictBody(body: JsonObject): void {
  const requests = objectsIn(body.requests)
  const instances = requests.map(request => {
    const texts = objectsIn(objectIn(request.content).parts).map(({ text }) => textIn(text))
    return {
      content: texts.join(''),
      ...(request.taskType !== undefined && { task_type: request.taskType }),
      ...(request.title !== undefined && { title: request.title })
    }
  })
  const dimensions = requests[0]?.outputDimensionality
  for (const name of Object.keys(body)) delete body[name]
  body.instances = instances
  if (dimensions !== undefined) body.parameters = { outputDimensionality: dimensions }
}
