import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../ai/members.js'
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
  if (!Array.isArray(own) || !Array.isArray(made)) return reply
  const answer: unknown = JSON.parse(reply.body.toString())
  const name = isObject(answer) ? LISTS.find(each => Array.isArray(answer[each])) : undefined
  const results = name !== undefined && isObject(answer) ? answer[name] : undefined
  if (name === undefined || !Array.isArray(results)) return reply
  let changed = false
  for (const result of results) {
    if (!isObject(result) || typeof result.index !== 'number') continue
    const texts = replaced(own[result.index], made[result.index])
    if (texts.size > 0 && putBack(result, texts)) changed = true
  }
  return changed ? { ...reply, body: splice(reply.body, { set: { [name]: results } }) } : reply
}

/** What stands for which text of a document's. */
function replaced(own: unknown, made: unknown): Map<string, string> {
  const texts = new Map<string, string>()
  const left = [[own, made]] // no recursion: clients nest as deep as they like
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [before, after] = next
    if (typeof before === 'string' && typeof after === 'string') {
      if (before !== after) texts.set(after, before)
    } else if (isHolder(before) && isHolder(after)) {
      for (const key of Object.keys(before)) left.push([Reflect.get(before, key), Reflect.get(after, key)])
    }
  }
  return texts
}

/** @returns whether there was any of them in the result's document */
function putBack(result: JsonObject, texts: ReadonlyMap<string, string>): boolean {
  let changed = false
  const left: { holder: object; key: string }[] = [{ holder: result, key: 'document' }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { holder, key } = next
    const value: unknown = Reflect.get(holder, key)
    if (isHolder(value)) for (const inner of Object.keys(value)) left.push({ holder: value, key: inner })
    const own = typeof value === 'string' ? texts.get(value) : undefined
    if (own === undefined) continue
    Reflect.defineProperty(holder, key, { value: own }) // not by assignment: a name may be "__proto__"
    changed = true
  }
  return changed
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
