import {
  base64Decode,
  constantTimeEqual,
  countUp,
  Hash,
  hexDecode,
  hexEncode,
  hmac,
  onConfigure,
  onRequest,
  onRequestBody,
  RequestView,
  Settings,
  sha256,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Canonical } from './canonical'
import { digestOf } from './digest'
import { SignatureHeaders, timeOf } from './headers'
import { Key, Keys } from './keys'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const keys = new Keys()
const canonical = new Canonical()
const sent = new SignatureHeaders()
/** For requests with the id of no key: they take as long as others. */
const NOBODY = new Key('', new Uint8Array(32), '', null, false)
/** What the digest of nothing is; a request without a digest header has no body. */
let emptyDigest = new Uint8Array(0)
let hash = Hash.SHA256
let hexSignature = false
let readsBody = true
let skewMs: i64 = 0
let replay = ''
let hides = true
let realm = ''

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, checkBody)
}

function configure(settings: Settings): string {
  const named = settings.string('hash', 'sha256')
  hash = named == 'sha512' ? Hash.SHA512 : named == 'sha384' ? Hash.SHA384 : Hash.SHA256
  hexSignature = settings.string('encoding', 'base64') == 'hex'
  readsBody = settings.string('body', 'digest') == 'digest'
  skewMs = <i64>settings.int('clockSkew', 300) * 1000
  replay = settings.string('replay', 'signature')
  hides = settings.bool('hideSignature', true)
  realm = settings.string('realm', 'api')
  emptyDigest = sha256(new Uint8Array(0))
  let mistake = keys.fill(settings.objects('keys'))
  if (mistake == '') mistake = canonical.fill(settings)
  return mistake == '' ? sent.fill(settings) : mistake
}

function check(request: RequestView): Verdict {
  sent.read(request)
  if (sent.ambiguous) return refuse('ambiguous')
  if (sent.key == '' || sent.signature == '' || sent.timestamp == '') return refuse('missing')
  if (sent.nonce == '' && canonical.needs('nonce')) return refuse('missing')
  const time = timeOf(sent.timestamp)
  if (time < 0) return refuse('timestamp')
  const late = request.nowMs - time
  if (late > skewMs || late < -skewMs) return refuse('clock')
  const digest = sent.digest == '' ? emptyDigest : digestOf(sent.digest)
  if (readsBody && digest === null) return refuse('digest')
  const signature = hexSignature ? hexDecode(sent.signature) : base64Decode(sent.signature)
  const known = keys.find(sent.key)
  const key = known === null ? NOBODY : known
  const expected = hmac(hash, key.secret, canonical.bytesOf(request, sent))
  const good = signature !== null && constantTimeEqual(signature, expected)
  if (known === null) return refuse('unknown')
  if (!good) return refuse('signature')
  if (key.disabled) return refuse('disabled')
  if (replay != 'off' && wasSeen(key, expected, time)) return refuse('replay')
  return admit(request, key, digest)
}

function admit(request: RequestView, key: Key, digest: Uint8Array | null): Verdict {
  const verdict = Verdict.next().setConsumer(key.consumer)
  verdict.tags = key.tags
  if (hides) sent.hide(request, verdict)
  // The headers may be others once the body is here: what was signed is kept.
  return readsBody && digest !== null ? verdict.setState(digest) : verdict
}

function checkBody(request: RequestView): Verdict {
  const body = new Uint8Array(request.bodySize)
  memory.copy(body.dataStart, request.bodyAt, <usize>request.bodySize)
  return constantTimeEqual(sha256(body), request.state) ? Verdict.next() : refuse('body')
}

/** Counts the signature, or the nonce, for as long as its timestamp is good. */
function wasSeen(key: Key, signature: Uint8Array, time: i64): bool {
  const what = replay == 'nonce' ? 'n ' + sent.nonce : 's ' + hexEncode(signature)
  const end = (time + skewMs) / 1000 + 2
  return countUp(key.id + ' ' + what, 1, 1, end * 1000) < 0
}

/** Made once each: a flood of bad requests must cost little. */
const refusals: Map<string, Verdict> = new Map<string, Verdict>()

/** Whoever has no good signature learns only what helps an honest client; why is in the log, as a tag. */
function refuse(why: string): Verdict {
  if (refusals.has(why)) return refusals.get(why)
  let detail = 'A valid signature is required.'
  if (why == 'clock') detail = 'The timestamp is too far from the time of this server.'
  if (why == 'replay') detail = 'The request was received before.'
  if (why == 'body') detail = 'The body is not the one that was signed.'
  const verdict = Verdict.deny(401, detail)
    .withHeader('www-authenticate', 'Signature realm="' + realm + '"')
    .tag('auth-hmac', why)
  refusals.set(why, verdict)
  return verdict
}
