import {
  algorithmOf,
  base64Encode,
  counted,
  countUp,
  Hash,
  hmac,
  Json,
  log,
  monotonic,
  now,
  randomBytes,
  Regex,
  sha256,
  takeTokens,
  utf8Bytes,
  VerifyKey
} from '@sluice/plugin-sdk/assembly'
import { bytesOf } from './answer'

// A host function in one line of a script: its name and what it is given; and what it answers, as JSON. README.md has the list.

export function resultsOf(calls: Json): Json {
  const results = Json.array()
  for (let i = 0; i < calls.length; i++) results.push(resultOf(calls.at(i).at(0).asString(), calls.at(i)))
  return results
}

function resultOf(name: string, call: Json): Json {
  if (name == 'log') return logged(call.at(1).asString(), call.at(2).asString())
  if (name == 'now') return Json.bool(now() > 1600000000000)
  if (name == 'monotonic') return monotonicResult()
  if (name == 'random') return randomResult(<i32>call.at(1).asInteger())
  if (name == 'sha256') return Json.string(base64Encode(sha256(bytesOf(call.at(1)))))
  if (name == 'hmac') return hmacResult(<Hash>(<i32>call.at(1).asInteger()), bytesOf(call.at(2)), bytesOf(call.at(3)))
  if (name == 'verify') return verified(call)
  if (name == 'bucket_take') return taken(call)
  if (name == 'counter_add') return added(call)
  if (name == 'counter_get') return Json.integer(counted(call.at(1).asString()))
  if (name == 'regex') return matched(call.at(1).asString(), call.at(2).asString(), <i32>call.at(3).asInteger())
  throw new Error('the conformance guest has no call "' + name + '"')
}

function logged(level: string, text: string): Json {
  if (level == 'debug') log.debug(text)
  else if (level == 'info') log.info(text)
  else if (level == 'warn') log.warn(text)
  else log.error(text)
  return Json.nil()
}

/** Never back. */
function monotonicResult(): Json {
  const first = monotonic()
  return Json.bool(monotonic() >= first)
}

/** How many bytes came, and whether twice as many are not the same. */
function randomResult(count: i32): Json {
  const first = base64Encode(randomBytes(count))
  const second = randomBytes(count)
  return Json.integer(first != base64Encode(second) ? second.length : -1)
}

function hmacResult(hash: Hash, key: Uint8Array, bytes: Uint8Array): Json {
  return Json.string(base64Encode(hmac(hash, key, bytes)))
}

/** [ "verify", key, algorithm, bytes, signature ]; null when the key is none. */
function verified(call: Json): Json {
  const key = VerifyKey.of(call.at(1).asString())
  if (key === null) return Json.nil()
  return Json.bool(key.verify(algorithmOf(call.at(2).asString()), bytesOf(call.at(3)), bytesOf(call.at(4))))
}

/** [ "bucket_take", name, perSecond, burst, cost ]: whether they were given, and whole tokens left; null when it makes no sense. */
function taken(call: Json): Json {
  const given = takeTokens(call.at(1).asString(), call.at(2).asNumber(), call.at(3).asNumber(), call.at(4).asNumber())
  if (given === null) return Json.nil()
  return Json.array().push(Json.bool(given.allowed)).push(Json.integer(<i64>Math.floor(given.remaining)))
}

/** [ "counter_add", name, delta, limit, seconds from now ] */
function added(call: Json): Json {
  const expiresAt = (now() / 1000 + call.at(4).asInteger()) * 1000
  return Json.integer(countUp(call.at(1).asString(), call.at(2).asInteger(), call.at(3).asInteger(), expiresAt))
}

/** [ "regex", pattern, text, max ]: start and end of each match, in bytes; null when it is no pattern. */
function matched(pattern: string, text: string, max: i32): Json {
  const regex = Regex.compile(pattern)
  if (regex === null) return Json.nil()
  const matches = regex.findAll(utf8Bytes(text), max)
  const places = Json.array()
  for (let i = 0; i < matches.length; i++) {
    places.push(Json.integer(matches[i].start))
    places.push(Json.integer(matches[i].end))
  }
  return places
}
