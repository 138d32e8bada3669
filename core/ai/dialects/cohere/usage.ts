import { countIn, numberIn, objectIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'

/**
 * What a reply used, of any endpoint; undefined: it does not say. Chat tells what was processed and what is billed, which is less: the preamble is
 * free. Rerank bills searches; Jina, Voyage and Together say tokens there.
 */
export function readUsage(body: JsonObject): Usage | undefined {
  const found = body.usage ?? body.meta
  return isObject(found) ? usageIn(found) : undefined
}

export function usageIn(usage: JsonObject): Usage | undefined {
  const billed = objectIn(usage.billed_units)
  const tokens = isObject(usage.tokens) ? usage.tokens : billed
  const total = numberIn(usage.total_tokens) ?? numberIn(usage.prompt_tokens)
  const searches = countIn(billed.search_units)
  const images = countIn(billed.image_tokens)
  if (numberIn(tokens.input_tokens) === undefined && numberIn(tokens.output_tokens) === undefined) {
    if (total !== undefined) return usageOf({ input: countIn(total), output: 0 })
    return searches > 0 || images > 0 ? usageOf({ input: images, imageInput: images, searches }) : undefined
  }
  // In the embeddings' count, tokens of images are apart from those of texts.
  const input = countIn(tokens.input_tokens) + images
  const output = countIn(tokens.output_tokens)
  const paid = { input: countIn(billed.input_tokens) + images, output: countIn(billed.output_tokens) }
  const bills = ['input_tokens', 'output_tokens', 'search_units'].some(name => numberIn(billed[name]) !== undefined)
  const differs = bills && (paid.input !== input || paid.output !== output)
  return usageOf({
    input,
    cacheRead: countIn(usage.cached_tokens),
    imageInput: images,
    output,
    searches,
    ...(differs && { billed: paid })
  })
}

/** As chat says it. */
export function writeUsage(usage: Usage): JsonObject {
  const { input, output } = usage.billed ?? usage
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: usage.input, output_tokens: usage.output },
    cached_tokens: usage.cacheRead
  }
}
