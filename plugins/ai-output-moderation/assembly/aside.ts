import { AiVerdict, DeltaView, Json, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { noted } from './answer'
import { Action, Hit, hitsIn } from './rules'

/**
 * Thoughts and refusals of a stream. They cannot be held back, so they are looked at together with what came before: a piece in which something
 * ends that is looked for does not go out.
 */

/** So much of what came before is remembered, characters. */
const REMEMBERED: i32 = 1024

/** @param name - of what is looked at, in the state */
export function lookAside(delta: DeltaView, name: string, text: string, replacement: string): AiVerdict {
  const known = Json.parseBytes(delta.state)
  const state = known === null || !known.isObject ? Json.object() : known
  const key = name + delta.index.toString()
  const before = state.get(key).asString()
  const bytes = utf8Bytes(before + text)
  const hit = firstBehind(hitsIn(bytes, false), utf8Bytes(before).length)
  if (hit !== null && hit.rule.action == Action.STOP) {
    const verdict = AiVerdict.stop(replacement)
    verdict.drop = true
    return noted(verdict, 'stopped', hit.rule)
  }
  const verdict = AiVerdict.hold(delta.held)
  if (hit !== null) {
    verdict.drop = true
    noted(verdict, 'masked', hit.rule)
  }
  const all = before + text
  let from = max(0, all.length - REMEMBERED)
  if (from > 0 && (all.charCodeAt(from) & 0xfc00) == 0xdc00) from++
  state.set(key, Json.string(all.slice(from)))
  return verdict.setState(state.toBytes())
}

/** The first hit that ends behind what is known already. */
function firstBehind(hits: Hit[], known: i32): Hit | null {
  for (let i = 0; i < hits.length; i++) if (hits[i].to > known) return hits[i]
  return null
}
