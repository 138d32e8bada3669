import { JsonTree, pointerSteps, RequestView, ResponseView, Settings, Step } from '@sluice/plugin-sdk/assembly'
import { anyCount, Document, filledIn, Place, placesOf } from './places'
import { Table } from './table'
import { Value, valueMistake } from './value'

enum Kind {
  REMOVE,
  RENAME,
  MOVE,
  COPY,
  SET,
  DEFAULT,
  MAP
}

const NAMES = ['remove', 'rename', 'move', 'copy', 'set', 'default', 'map']
/** What may stand beside each of them. */
const COMPANIONS: string[][] = [[], ['to'], ['to'], ['to'], ['value', 'as'], ['value', 'as'], ['values', 'otherwise']]
const DEEPEST: i32 = 32

/** Why the last `Operation.of` failed. */
export let operationMistake = ''

/** One change to a body. */
@final
export class Operation {
  private to: Step[] = []
  private value: Value | null = null
  private table: Table | null = null
  private binds: bool = false

  private constructor(
    private readonly kind: Kind,
    private readonly steps: Step[]
  ) {}

  /** null when the settings are none; `operationMistake` says why. */
  static of(settings: Settings): Operation | null {
    let kind = -1
    const given = settings.names()
    for (let i = 0; i < given.length; i++) {
      const index = NAMES.indexOf(given[i])
      if (index < 0) continue
      if (kind >= 0) return refuse(given[i] + ' and ' + NAMES[kind] + ' are two operations: make two entries of them')
      kind = index
    }
    if (kind < 0) return refuse('it needs one of ' + NAMES.join(', '))
    const name = NAMES[kind]
    for (let i = 0; i < given.length; i++) {
      if (given[i] != name && !COMPANIONS[kind].includes(given[i])) return refuse(name + ' has no ' + given[i])
    }
    const steps = pointerSteps(settings.string(name))
    if (steps === null || steps.length > DEEPEST) return refuse(name + ' needs a JSON pointer, such as /user/name')
    const operation = new Operation(<Kind>kind, steps)
    operationMistake = operation.fill(settings, name)
    return operationMistake == '' ? operation : null
  }

  apply(document: Document, request: RequestView, response: ResponseView | null): void {
    switch (this.kind) {
      case Kind.REMOVE:
        return this.remove(document)
      case Kind.RENAME:
        return this.rename(document)
      case Kind.MOVE:
      case Kind.COPY:
        return this.transfer(document, this.kind == Kind.MOVE)
      case Kind.MAP:
        return this.map(document)
      default:
        this.set(document, request, response)
    }
  }

  private fill(settings: Settings, name: string): string {
    const last: Step | null = this.steps.length == 0 ? null : this.steps[this.steps.length - 1]
    const stars = anyCount(this.steps)
    switch (this.kind) {
      case Kind.REMOVE:
        return last === null ? 'remove needs a pointer to a part of the body' : ''
      case Kind.RENAME:
        if (last === null || last.isAny) return 'rename needs a pointer that ends in a key'
        if (!settings.has('to')) return 'rename needs to, the new key'
        this.to = [new Step(settings.string('to'))]
        return ''
      case Kind.MOVE:
      case Kind.COPY: {
        if (!settings.has('to')) return name + ' needs to, a JSON pointer'
        const to = pointerSteps(settings.string('to'))
        if (to === null || to.length > DEEPEST) return 'to needs a JSON pointer, such as /user/name'
        if (anyCount(to) > stars) return 'to has more "*" than ' + name
        if (anyCount(to) < stars && !appends(to))
          return 'to has fewer "*" than ' + name + ': end it with "-" to make a list'
        this.to = to
        this.binds = stars > 0
        return ''
      }
      case Kind.MAP:
        if (!settings.has('values')) return 'map needs values'
        this.table = new Table(settings)
        return ''
      default: {
        if (!settings.has('value')) return name + ' needs value'
        if (this.kind == Kind.DEFAULT && last !== null && last.isAny)
          return 'default needs a pointer that ends in a key'
        const value = Value.compile(settings.json.get('value'), settings.string('as'), stars)
        if (value === null) return valueMistake
        this.value = value
        this.binds = value.isBound
        return ''
      }
    }
  }

  private remove(document: Document): void {
    const places = placesOf(document, this.steps, false, false)
    for (let i = places.length - 1; i >= 0; i--) if (places[i].value !== null) places[i].remove(document)
  }

  private rename(document: Document): void {
    const places = placesOf(document, this.steps, false, false)
    for (let i = 0; i < places.length; i++) places[i].rename(this.to[0])
  }

  private set(document: Document, request: RequestView, response: ResponseView | null): void {
    const value = this.value
    if (value === null) return
    const places = placesOf(document, this.steps, true, this.binds)
    for (let i = 0; i < places.length && !JsonTree.isTooLarge; i++) {
      const place = places[i]
      if (this.kind == Kind.DEFAULT && place.value !== null) continue
      place.put(document, value.render(document, place.bound, request, response))
    }
  }

  private map(document: Document): void {
    const table = this.table
    if (table === null) return
    const places = placesOf(document, this.steps, false, false)
    for (let i = 0; i < places.length; i++) {
      const value = places[i].value
      if (value === null) continue
      const other = table.find(value)
      if (other !== null) places[i].put(document, other)
    }
  }

  /** Everything is taken before anything is put: a value may move into what was made where it stood. */
  private transfer(document: Document, moves: bool): void {
    const places = placesOf(document, this.steps, false, this.binds)
    const values: JsonTree[] = []
    const sources: Place[] = []
    for (let i = 0; i < places.length; i++) {
      const value = places[i].value
      if (value === null) continue
      sources.push(places[i])
      values.push(moves ? value : value.copy())
    }
    if (moves) for (let i = sources.length - 1; i >= 0; i--) sources[i].remove(document)
    for (let i = 0; i < sources.length && !JsonTree.isTooLarge; i++) {
      if (!put(document, filledIn(this.to, sources[i].bound), values[i]) && moves)
        sources[i].restore(document, values[i])
    }
  }
}

function put(document: Document, steps: Step[], value: JsonTree): bool {
  const places = placesOf(document, steps, true, false)
  return places.length > 0 && places[0].put(document, value)
}

function appends(steps: Step[]): bool {
  return steps.length > 0 && steps[steps.length - 1].isAppend
}

function refuse(why: string): Operation | null {
  operationMistake = why
  return null
}
