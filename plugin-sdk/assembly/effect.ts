import { EffectWriter, HttpCalloutWriter, KvOperationKind, KvOperationWriter } from './gen/policy'
import { lowerAscii } from './text'
import { utf8Bytes } from './utf8'

/**
 * Something that takes I/O. A hook asks for it by its verdict, the host does it, and on_effect gets the answer:
 *
 *     return Verdict.ask(Effect.http('users', '/me').header('accept', 'application/json').named('profile'))
 *
 * Its name is what `answers.get(name)` takes. Without named() it is what it is about: the path or URL, the key, the secret's
 * name. All effects of a verdict are done at the same time.
 */
@final
export class Effect extends EffectWriter {
  /** A request to an upstream of the configuration; `path` is percent-encoded and may have a query. */
  static http(upstream: string, path: string): Effect {
    const http = new HttpCalloutWriter()
    http.upstream = upstream
    http.url = path
    const effect = new Effect()
    effect.http = http
    return effect.named(path)
  }

  /** A request to an absolute http or https URL, whose host the plugin was granted. */
  static get(url: string): Effect {
    return Effect.http('', url)
  }

  /** The value of a key of the remote store: `found` and `bodyText()` of the answer. Keys are the plugin's own. */
  static kvGet(key: string): Effect {
    return Effect.kv(KvOperationKind.GET, key)
  }

  /** @param ttlMs - the key is dropped after it; 0 keeps it until it is deleted */
  static kvSet(key: string, value: string, ttlMs: u32 = 0): Effect {
    return Effect.kvSetBytes(key, utf8Bytes(value), ttlMs)
  }

  static kvSetBytes(key: string, value: Uint8Array, ttlMs: u32 = 0): Effect {
    return Effect.kv(KvOperationKind.SET, key, value, ttlMs)
  }

  static kvDelete(key: string): Effect {
    return Effect.kv(KvOperationKind.DELETE, key)
  }

  /** Sets the key if its value is `expected` ("": if it is not there); `found` of the answer says whether it was. */
  static kvSwap(key: string, expected: string, value: string, ttlMs: u32 = 0): Effect {
    return Effect.kvSwapBytes(key, utf8Bytes(expected), utf8Bytes(value), ttlMs)
  }

  static kvSwapBytes(key: string, expected: Uint8Array, value: Uint8Array, ttlMs: u32 = 0): Effect {
    const effect = Effect.kv(KvOperationKind.SWAP, key, value, ttlMs)
    const kv = effect.kv
    if (kv !== null) kv.expected = expected
    return effect
  }

  /** Adds to a number, which begins at 0; `number` of the answer is the new one. */
  static kvAdd(key: string, delta: i64, ttlMs: u32 = 0): Effect {
    const effect = Effect.kv(KvOperationKind.ADD, key, null, ttlMs)
    const kv = effect.kv
    if (kv !== null) kv.delta = delta
    return effect
  }

  /** A secret of the configuration: `bodyText()` of the answer. */
  static secret(name: string): Effect {
    const effect = new Effect()
    effect.secret = name
    return effect.named(name)
  }

  /**
   * A key set (RFC 7517) from the host's cache: `json()` of the answer.
   * @param refresh - a key was not in it: it is fetched anew, at most every so often
   */
  static jwks(url: string, refresh: bool = false): Effect {
    const effect = new Effect()
    effect.jwks = url
    effect.refresh = refresh
    return effect.named(url)
  }

  private static kv(kind: KvOperationKind, key: string, value: Uint8Array | null = null, ttlMs: u32 = 0): Effect {
    const kv = new KvOperationWriter()
    kv.kind = kind
    kv.key = key
    kv.value = value
    kv.ttlMs = ttlMs
    const effect = new Effect()
    effect.kv = kv
    return effect.named(key)
  }

  /** What the answer is asked for by. Two effects of a verdict must not have the same name. */
  named(name: string): Effect {
    this.id = name
    return this
  }

  /** Nobody waits for it: the chain goes on at once, and no answer comes. For copies and notices. */
  withoutAnswer(): Effect {
    this.detached = true
    return this
  }

  /** "GET" when it is not said. */
  method(method: string): Effect {
    this.callout().method = method
    return this
  }

  /** Adds a header line; its name may be in any case. */
  header(name: string, value: string): Effect {
    const callout = this.callout()
    let headers = callout.headers
    if (headers === null) callout.headers = headers = []
    headers.push(lowerAscii(name))
    headers.push(value)
    return this
  }

  body(text: string): Effect {
    return this.bodyBytes(utf8Bytes(text))
  }

  bodyBytes(bytes: Uint8Array): Effect {
    this.callout().body = bytes
    return this
  }

  /** For all of the request; 5,000 when it is not said. */
  timeoutMs(timeoutMs: u32): Effect {
    this.callout().timeoutMs = timeoutMs
    return this
  }

  /** The largest body the answer may have, else its error is "too-large"; 65,536 when it is not said. */
  maxBytes(bytes: u32): Effect {
    this.callout().maxBytes = bytes
    return this
  }

  private callout(): HttpCalloutWriter {
    const http = this.http
    if (http === null) throw new Error('the effect "' + this.id + '" is no HTTP request')
    return http
  }
}
