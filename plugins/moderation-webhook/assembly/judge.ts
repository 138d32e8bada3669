import { Effect, EffectAnswers, Hash, hexEncode, hmac, Settings, utf8Bytes, Verdict } from '@sluice/plugin-sdk/assembly'

export const ANSWER = 'judge'
const BEARER = 'bearer'
const SIGNING = 'signing'

/** A replacement may be as large as what it replaces, and is text in JSON. */
const MAX_ANSWER: u32 = 1 << 20

/** Who judges, and how it knows that it is the gateway that asks. */
@final
export class Judge {
  private upstream: string = ''
  private at: string = ''
  private timeoutMs: u32 = 0
  private bearerName: string = ''
  private signingName: string = ''
  private bearer: string | null = null
  private signing: Uint8Array | null = null

  fill(settings: Settings): void {
    this.upstream = settings.string('upstream')
    this.at = this.upstream == '' ? settings.string('url') : settings.string('path', '/')
    this.timeoutMs = settings.int('timeoutMs', 2000)
    this.bearerName = settings.string('bearerSecret')
    this.signingName = settings.string('signingSecret')
  }

  /** Asks for the secrets that are not known yet; null when all are. */
  askForSecrets(): Verdict | null {
    const verdict = Verdict.next()
    if (this.bearerName != '' && this.bearer === null) verdict.ask(Effect.secret(this.bearerName).named(BEARER))
    if (this.signingName != '' && this.signing === null) verdict.ask(Effect.secret(this.signingName).named(SIGNING))
    return verdict.effects === null ? null : verdict
  }

  /** Returns "" or what is wrong with the secrets. */
  learn(answers: EffectAnswers): string {
    if (answers.has(BEARER)) {
      const answer = answers.get(BEARER)
      if (!answer.ok) return 'bearerSecret ' + answer.error
      this.bearer = answer.bodyText()
    }
    if (answers.has(SIGNING)) {
      const answer = answers.get(SIGNING)
      if (!answer.ok) return 'signingSecret ' + answer.error
      this.signing = answer.bodyBytes()
    }
    return ''
  }

  /** They are others by now, maybe. */
  forgetSecrets(): void {
    this.bearer = null
    this.signing = null
  }

  ask(payload: Uint8Array, type: string, nowMs: i64): Effect {
    const effect = Effect.http(this.upstream, this.at)
      .named(ANSWER)
      .method('POST')
      .header('accept', 'application/json')
      .header('content-type', type)
      .bodyBytes(payload)
      .timeoutMs(this.timeoutMs)
      .maxBytes(MAX_ANSWER)
    const bearer = this.bearer
    if (bearer !== null) effect.header('authorization', 'Bearer ' + bearer)
    const signing = this.signing
    if (signing !== null) {
      const seconds = (nowMs / 1000).toString()
      effect.header('x-sluice-timestamp', seconds).header('x-sluice-signature', signature(signing, seconds, payload))
    }
    return effect
  }
}

/** Of the time too: what was signed once cannot be sent again later as if it were new. */
function signature(key: Uint8Array, seconds: string, payload: Uint8Array): string {
  const head = utf8Bytes(seconds + '.')
  const signed = new Uint8Array(head.length + payload.length)
  signed.set(head)
  signed.set(payload, head.length)
  return 'sha256=' + hexEncode(hmac(Hash.SHA256, key, signed))
}
