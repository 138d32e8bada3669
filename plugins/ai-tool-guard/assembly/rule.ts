import { Json, pointerSteps, Settings, Step } from '@sluice/plugin-sdk/assembly'
import { Condition } from './condition'
import { Names } from './names'
import { Place, placesOf } from './places'

/** What became of arguments. */
export enum Kept {
  YES,
  NO,
  /** They were not kept, and changed so that they are. */
  MENDED
}

/** What an argument of some tools must be like, and what becomes of a call in which it is not. */
@final
export class Rule {
  readonly name: string
  /** "drop", "deny" or "set". */
  readonly action: string
  private readonly tools: Names
  private readonly steps: Step[]
  private readonly required: bool
  private readonly condition: Condition
  private readonly value: Json

  constructor(settings: Settings, place: string, usual: string) {
    this.name = settings.string('name', place)
    this.action = settings.string('action', usual)
    this.tools = new Names(settings.strings('tools'))
    this.required = settings.bool('required')
    this.condition = new Condition(settings)
    this.value = settings.json.get('value')
    const steps = pointerSteps(settings.string('argument'))
    this.steps = steps === null ? [] : steps
  }

  /** Takes in what the host has to compile. Returns "" or what is wrong with it. */
  fill(settings: Settings): string {
    if (this.action == 'set' && !this.value.exists) return '.value is missing: what the argument is set to'
    const mistake = this.condition.fill(settings)
    if (mistake != '') return '.' + mistake
    const none = this.condition.none && !this.required
    return none ? ' demands nothing: give it required, equals, in, pattern or another condition' : ''
  }

  isFor(tool: string): bool {
    return this.tools.has(tool)
  }

  /** What the argument is set to; a copy, as later rules may change it. */
  fresh(): Json {
    const copy = Json.parse(this.value.toString())
    return copy === null ? Json.nil() : copy
  }

  get isWhole(): bool {
    return this.steps.length == 0
  }

  /** Looks at arguments; where the rule says "set", it changes what does not keep it. */
  judge(given: Json): Kept {
    const places = placesOf(given, this.steps)
    if (places.length == 0) return !this.required ? Kept.YES : this.action == 'set' && this.add(given) ? Kept.MENDED : Kept.NO
    let kept = Kept.YES
    for (let i = 0; i < places.length; i++) {
      if (this.condition.holds(places[i].value)) continue
      if (this.action != 'set') return Kept.NO
      if (!this.isWhole) places[i].put(this.fresh())
      kept = Kept.MENDED
    }
    return kept
  }

  /** Adds the argument to the objects it has to be in. False: there are none. */
  private add(given: Json): bool {
    const last = this.steps.length - 1
    const parents: Place[] = placesOf(given, this.steps.slice(0, last))
    let added = false
    for (let i = 0; i < parents.length; i++) {
      if (!parents[i].value.isObject || this.steps[last].isAny) continue
      parents[i].value.set(this.steps[last].key, this.fresh())
      added = true
    }
    return added
  }
}
