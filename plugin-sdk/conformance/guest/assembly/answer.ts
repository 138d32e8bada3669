import { base64Decode, Effect, Json, Verdict } from '@sluice/plugin-sdk/assembly'

// The verdict that a script says, made with the SDK's own means.

export function verdictOf(json: Json): Verdict {
  const verdict = begun(json.get('reply'))
  edit(verdict, json.get('headers'), false)
  edit(verdict, json.get('responseHeaders'), true)
  if (json.has('method')) verdict.setMethod(json.get('method').asString())
  if (json.has('path')) verdict.setPath(json.get('path').asString())
  if (json.has('query')) verdict.setQuery(json.get('query').asString())
  if (json.has('upstream')) verdict.setUpstream(json.get('upstream').asString())
  if (json.has('status')) verdict.setStatus(<i32>json.get('status').asInteger())
  if (json.has('body')) verdict.setBody(bytesOf(json.get('body')))
  if (json.has('consumer')) verdict.setConsumer(json.get('consumer').asString())
  if (json.has('state')) verdict.setState(bytesOf(json.get('state')))
  const tags = json.get('tags')
  for (let i = 0; i + 1 < tags.length; i += 2) verdict.tag(tags.at(i).asString(), tags.at(i + 1).asString())
  const bag = json.get('bag')
  for (let i = 0; i + 1 < bag.length; i += 2) verdict.put(bag.at(i).asString(), bag.at(i + 1).asString())
  const effects = json.get('effects')
  for (let i = 0; i < effects.length; i++) verdict.ask(effectOf(effects.at(i)))
  return verdict
}

/** Bytes are base64, as protobuf's JSON mapping has them. */
export function bytesOf(json: Json): Uint8Array {
  const bytes = base64Decode(json.asString())
  if (bytes === null) throw new Error(json.toString() + ' is not base64')
  return bytes
}

/** 64-bit integers are strings there. */
export function longOf(json: Json): i64 {
  return json.isString ? i64.parse(json.asString()) : json.asInteger()
}

function begun(reply: Json): Verdict {
  if (!reply.exists) return Verdict.next()
  const verdict = Verdict.replyBytes(<i32>reply.get('status').asInteger(), bytesOf(reply.get('body')), '')
  const begun = verdict.reply
  if (begun !== null) begun.headers = null // the script says all headers, content-type too
  const headers = reply.get('headers')
  for (let i = 0; i + 1 < headers.length; i += 2) {
    verdict.withHeader(headers.at(i).asString(), headers.at(i + 1).asString())
  }
  return verdict
}

function edit(verdict: Verdict, edits: Json, later: bool): void {
  for (let i = 0; i < edits.length; i++) {
    const op = edits.at(i).get('op').asString('SET')
    const name = edits.at(i).get('name').asString()
    const value = edits.at(i).get('value').asString()
    if (op == 'SET') later ? verdict.setResponseHeader(name, value) : verdict.setHeader(name, value)
    else if (op == 'ADD') later ? verdict.addResponseHeader(name, value) : verdict.addHeader(name, value)
    else if (op == 'REMOVE') later ? verdict.removeResponseHeader(name) : verdict.removeHeader(name)
    else later ? verdict.renameResponseHeader(name, value) : verdict.renameHeader(name, value)
  }
}

function effectOf(json: Json): Effect {
  const effect = kindOf(json)
  return json.get('detached').asBool() ? effect.withoutAnswer() : effect
}

function kindOf(json: Json): Effect {
  const id = json.get('id').asString()
  if (json.has('http')) return httpOf(json.get('http')).named(id)
  if (json.has('kv')) return kvOf(json.get('kv')).named(id)
  if (json.has('jwks')) return Effect.jwks(json.get('jwks').asString(), json.get('refresh').asBool()).named(id)
  return Effect.secret(json.get('secret').asString()).named(id)
}

function httpOf(json: Json): Effect {
  const url = json.get('url').asString()
  const effect = json.has('upstream') ? Effect.http(json.get('upstream').asString(), url) : Effect.get(url)
  if (json.has('method')) effect.method(json.get('method').asString())
  const headers = json.get('headers')
  for (let i = 0; i + 1 < headers.length; i += 2) effect.header(headers.at(i).asString(), headers.at(i + 1).asString())
  if (json.has('body')) effect.bodyBytes(bytesOf(json.get('body')))
  if (json.has('timeoutMs')) effect.timeoutMs(<u32>json.get('timeoutMs').asInteger())
  if (json.has('maxBytes')) effect.maxBytes(<u32>json.get('maxBytes').asInteger())
  return effect
}

function kvOf(json: Json): Effect {
  const kind = json.get('kind').asString('GET')
  const key = json.get('key').asString()
  const value = bytesOf(json.get('value'))
  const ttlMs = <u32>json.get('ttlMs').asInteger()
  if (kind == 'SET') return Effect.kvSetBytes(key, value, ttlMs)
  if (kind == 'DELETE') return Effect.kvDelete(key)
  if (kind == 'SWAP') return Effect.kvSwapBytes(key, bytesOf(json.get('expected')), value, ttlMs)
  return kind == 'ADD' ? Effect.kvAdd(key, longOf(json.get('delta')), ttlMs) : Effect.kvGet(key)
}
