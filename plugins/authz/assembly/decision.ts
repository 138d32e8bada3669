import { Verdict } from '@sluice/plugin-sdk/assembly'

/** Decisions are made when the configuration is read, one for each rule. `rule` is what the log will name. */

export function allowing(rule: string): Verdict {
  return Verdict.next().tag('authz', 'allowed').tag('authz.rule', rule)
}

@final
export class Refusals {
  constructor(
    private readonly onlyTags: bool,
    private readonly status: i32
  ) {}

  /** `detail` is what the client is told; "" says as little as can be. */
  make(rule: string, detail: string): Verdict {
    const verdict = this.onlyTags
      ? Verdict.next()
      : Verdict.deny(this.status, detail != '' ? detail : this.status == 403 ? 'You may not do this.' : '')
    return verdict.tag('authz', 'denied').tag('authz.rule', rule)
  }
}
