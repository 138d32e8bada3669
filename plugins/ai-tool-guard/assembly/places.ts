import { Json, Step } from '@sluice/plugin-sdk/assembly'

/** A value, and where it stands: so that another can be put there. */
@final
export class Place {
  constructor(
    readonly value: Json,
    /** null: it is the whole. */
    private readonly parent: Json | null,
    private readonly index: i32
  ) {}

  /** Puts `value` there. False: it is the whole, which stands nowhere. */
  put(value: Json): bool {
    const parent = this.parent
    if (parent === null) return false
    parent.setAt(this.index, value)
    return true
  }
}

/** Every value a pointer leads to. Of a key that comes twice both are: who reads it may take either. */
export function placesOf(root: Json, steps: Step[]): Place[] {
  let places: Place[] = [new Place(root, null, 0)]
  for (let i = 0; i < steps.length; i++) {
    const next: Place[] = []
    for (let at = 0; at < places.length; at++) enter(places[at].value, steps[i], next)
    places = next
  }
  return places
}

function enter(value: Json, step: Step, found: Place[]): void {
  if (value.isArray && !step.isAny) {
    if (step.index >= 0 && step.index < value.length) found.push(new Place(value.at(step.index), value, step.index))
    return
  }
  for (let i = 0; i < value.length; i++) {
    if (step.isAny || value.keyAt(i) == step.key) found.push(new Place(value.at(i), value, i))
  }
}
