import { isObject } from '../../ai/members.js'
import { invalid } from './failure.js'
import { Faults } from './faults.js'

/** Faults for requests to come. */
export interface Rule {
  /** Only for this model; undefined: for any. */
  readonly model?: string | undefined
  /** Only for paths that have this text in them. */
  readonly path?: string | undefined
  /** As behind a model's name: "status=429,retry-after=2". */
  readonly faults: string
  /** For so many requests; undefined: for all. */
  readonly times?: number | undefined
}

export class Rules {
  private rules: { readonly rule: Rule; left: number }[] = []

  /** @throws Refused when its faults are none */
  add(rule: Rule): void {
    new Faults().add(rule.faults)
    this.rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.rules = []
  }

  list(): readonly Rule[] {
    return this.rules.filter(({ left }) => left > 0).map(({ rule }) => rule)
  }

  /** Adds to `faults` what is meant for this request, and counts it. */
  apply(faults: Faults, model: string, path: string): void {
    for (const each of this.rules) {
      const { rule } = each
      if (each.left <= 0 || (rule.model ?? model) !== model || !path.includes(rule.path ?? '')) continue
      each.left--
      faults.add(rule.faults)
    }
  }
}

/** A rule as the control endpoint takes it. @throws Refused */
export function readRule(body: unknown): Rule {
  if (!isObject(body) || typeof body.faults !== 'string') {
    throw invalid('expected {"faults":"status=429","model"?:"gpt-5","path"?:"/chat/","times"?:2}', 'faults')
  }
  const { model, path, faults, times } = body
  return {
    faults,
    model: typeof model === 'string' && model !== '*' ? model : undefined,
    path: typeof path === 'string' ? path : undefined,
    times: typeof times === 'number' ? times : undefined
  }
}
