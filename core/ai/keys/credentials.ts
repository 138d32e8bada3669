import { GatewayError } from '../../base/errors.js'
import type { AiKeyConfig } from '../../config/resolve-ai-providers.js'
import type { Credential } from '../providers/provider.js'

/** A secret of the configuration by name: its text, or what its file has now. */
export type Secrets = ReadonlyMap<string, () => Promise<string>>

/** How long a secret is taken as it was read last: a key that was changed in its file is used soon, and no request waits for a disk. */
const FRESH_MS = 5_000

/** What keys stand for. */
export class Credentials {
  private readonly read = new Map<
    string,
    { readonly credential: Promise<Credential> | Credential; readonly at: number }
  >()

  /** @param now - milliseconds on a clock that only goes forward */
  constructor(
    private readonly secrets: Secrets,
    private readonly now: () => number
  ) {}

  /** @throws GatewayError GW_AI_CREDENTIAL when the secret cannot be read (the promise rejects with it) */
  of(key: AiKeyConfig): Credential | Promise<Credential> {
    if ('text' in key.from) return { secret: key.from.text, parts: key.parts }
    const { secret } = key.from
    const now = this.now()
    const known = this.read.get(secret)
    if (known !== undefined && now - known.at < FRESH_MS) return withParts(known.credential, key)
    const credential = this.readAgain(secret)
    this.read.set(secret, { credential, at: now })
    credential.then(
      value => this.read.set(secret, { credential: value, at: now }),
      // Nobody may be waiting for it, and the next one shall try again.
      () => this.read.delete(secret)
    )
    return withParts(credential, key)
  }

  private async readAgain(name: string): Promise<Credential> {
    const read = this.secrets.get(name)
    if (read === undefined) throw new GatewayError('GW_AI_CREDENTIAL', `there is no secret "${name}"`)
    try {
      return { secret: await read(), parts: {} }
    } catch (thrown) {
      throw new GatewayError('GW_AI_CREDENTIAL', `the secret "${name}" cannot be read`, { cause: thrown })
    }
  }
}

function withParts(
  credential: Credential | Promise<Credential>,
  { parts }: AiKeyConfig
): Credential | Promise<Credential> {
  if (credential instanceof Promise) return credential.then(({ secret }) => ({ secret, parts }))
  return { secret: credential.secret, parts }
}
