import { Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { Conditions } from './conditions'
import { allowing, Refusals } from './decision'

/**
 * One rule. Where a request can be read in two ways, an allow rule is for it only if its conditions are true in both,
 * and a deny rule if they are true in one: doubt never opens anything. Of what stands under "not", the reverse.
 */
@final
export class Rule {
  decision: Verdict = Verdict.next()
  private readonly conditions: Conditions = new Conditions()
  private readonly exceptions: Conditions = new Conditions()
  private allows: bool = false

  /** Takes the rule of the settings in. Returns "" or what is wrong with it. */
  fill(settings: Settings, where: string, refusals: Refusals): string {
    const name = settings.string('name', where)
    const detail = settings.string('detail')
    this.allows = settings.string('effect') == 'allow'
    if (this.allows && detail != '') return where + '.detail is for deny rules: who is let through is told nothing'
    this.decision = this.allows ? allowing(name) : refusals.make(name, detail)
    const wrong = this.conditions.fill(settings, where)
    return wrong == '' ? this.exceptions.fill(settings.object('not'), where + '.not') : wrong
  }

  get isForAll(): bool {
    return this.conditions.isEmpty && this.exceptions.isEmpty
  }

  /** Whether the rule is for the request at hand. */
  isFor(): bool {
    return this.conditions.allHold(this.allows) && !this.exceptions.oneHolds(!this.allows)
  }
}
