import { RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { Condition, conditionMistake } from './condition'

/** Why the last `Rule.of` failed. */
export let ruleMistake = ''

/** Where requests go for which all conditions hold. */
@final
export class Rule {
  private readonly conditions: Condition[] = []
  /** Flat: name, value, … */
  private readonly tags: string[] = []

  private constructor(
    private readonly upstream: string,
    name: string
  ) {
    this.tags.push('match')
    this.tags.push(name)
  }

  /** null when the settings are none; `ruleMistake` says why. */
  static of(settings: Settings, index: i32): Rule | null {
    const place = 'rules[' + index.toString() + ']'
    const rule = new Rule(settings.string('upstream'), settings.string('name', place))
    const conditions = settings.objects('when')
    for (let i = 0; i < conditions.length; i++) {
      const condition = Condition.of(conditions[i])
      if (condition === null) {
        ruleMistake = place + '.when[' + i.toString() + ']: ' + conditionMistake
        return null
      }
      rule.conditions.push(condition)
    }
    const tags = settings.object('tags')
    const names = tags.names()
    for (let i = 0; i < names.length; i++) {
      rule.tags.push(names[i])
      rule.tags.push(tags.string(names[i]))
    }
    return rule
  }

  /** Whether it takes every request. */
  get isCatchAll(): bool {
    return this.conditions.length == 0
  }

  matches(request: RequestView): bool {
    for (let i = 0; i < this.conditions.length; i++) if (!unchecked(this.conditions[i]).holds(request)) return false
    return true
  }

  verdict(): Verdict {
    const verdict = Verdict.next().setUpstream(this.upstream)
    verdict.tags = this.tags
    return verdict
  }
}
