import { base64Encode, Effect, percentEncode, Settings, utf8Bytes } from '@sluice/plugin-sdk/assembly'

/** An answer is some hundred bytes, with many groups and roles some thousands. */
const MAX_ANSWER: u32 = 65536

/** The introspection endpoint (RFC 7662 section 2), and who the gateway is to it. */
@final
export class Endpoint {
  /** "": the secret stands in the settings, or there is none. */
  secretName: string = ''
  private upstream: string = ''
  private at: string = ''
  private clientId: string = ''
  private clientAuth: string = ''
  private hint: string = ''
  private timeoutMs: u32 = 0
  /** Of the header and of the form; null: the secret is not known yet. */
  private authorization: string | null = null
  private form: string = ''

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    this.upstream = settings.string('upstream')
    this.at = this.upstream == '' ? settings.string('url') : settings.string('path', '/introspect')
    this.clientId = settings.string('clientId')
    this.clientAuth = settings.string('clientAuth', 'basic')
    this.hint = settings.string('tokenTypeHint', 'access_token')
    this.timeoutMs = settings.int('timeoutMs', 2000)
    this.secretName = settings.string('clientSecretName')
    if (this.secretName == '' && !settings.has('clientSecret')) return 'clientSecret or clientSecretName is missing'
    if (this.secretName != '' && settings.has('clientSecret')) return 'clientSecret and clientSecretName: only one of them can count'
    if (this.secretName == '') this.learn(settings.string('clientSecret'))
    return ''
  }

  get isReady(): bool {
    return this.authorization !== null
  }

  learn(secret: string): void {
    this.form = ''
    this.authorization = ''
    if (this.clientAuth == 'bearer') {
      this.authorization = 'Bearer ' + secret
    } else if (this.clientAuth == 'post') {
      this.form = '&client_id=' + percentEncode(this.clientId) + '&client_secret=' + percentEncode(secret)
    } else {
      // RFC 6749 section 2.3.1: both are encoded as in a form before they are put together.
      this.authorization = 'Basic ' + base64Encode(utf8Bytes(percentEncode(this.clientId) + ':' + percentEncode(secret)))
    }
  }

  /** The secret is another by now, maybe. */
  forget(): void {
    if (this.secretName != '') this.authorization = null
  }

  askFor(token: string): Effect {
    let form = 'token=' + percentEncode(token)
    if (this.hint != '') form += '&token_type_hint=' + percentEncode(this.hint)
    const effect = Effect.http(this.upstream, this.at)
      .method('POST')
      .header('accept', 'application/json')
      .header('content-type', 'application/x-www-form-urlencoded')
      .body(form + this.form)
      .timeoutMs(this.timeoutMs)
      .maxBytes(MAX_ANSWER)
    const authorization = this.authorization
    return authorization === null || authorization == '' ? effect : effect.header('authorization', authorization)
  }
}
