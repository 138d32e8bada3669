import { Buffer } from 'node:buffer'
import { objectsIn } from '../../ai/lenient.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { textPlaces } from '../../ai/prompt-texts.js'
import { splice } from '../../ai/splice.js'
import type { Reply } from '../../base/http.js'

/** Where an answer of a ranking lists what it ranked: Cohere's and most others', Voyage's. */
const LISTS = ['results', 'data'] as const

/**
 * A ranking gives documents back when it is asked to: its client gets them as it wrote them, whatever policies have made of their texts for
 * the provider.
 * @param given - the request as the client wrote it
 * @param sent - as policies left it
 */
export function withOwnDocuments(reply: Reply, given: JsonObject, sent: JsonObject): Reply {
  if (reply.status !== 200 || !Buffer.isBuffer(reply.body)) return reply
  const { documents: own } = given
  const { documents: made } = sent
  const answer: unknown = JSON.parse(reply.body.toString())
  if (!Array.isArray(own) || !Array.isArray(made) || !isObject(answer)) return reply
  const name = LISTS.find(each => Array.isArray(answer[each]))
  if (name === undefined) return reply
  let changed = false
  for (const result of objectsIn(answer[name])) {
    const { index } = result
    if (typeof index === 'number' && putBack(result, replaced(own[index], made[index]))) changed = true
  }
  return changed ? { ...reply, body: splice(reply.body, { set: { [name]: answer[name] } }) } : reply
}

/** What stands for which text of a document's. */
function replaced(own: unknown, made: unknown): Map<string, string> {
  const before = textPlaces({ documents: own })
  const after = textPlaces({ documents: made })
  return new Map(after.map(({ text }, i) => [text, before[i]?.text ?? text]))
}

/** @returns whether there was any of them in the result's document */
function putBack(result: JsonObject, texts: ReadonlyMap<string, string>): boolean {
  const shown = { documents: result.document }
  const places = textPlaces(shown).filter(({ text }) => (texts.get(text) ?? text) !== text)
  for (const { text, set } of places) set(texts.get(text) ?? text)
  if (places.length > 0) result.document = shown.documents
  return places.length > 0
}
