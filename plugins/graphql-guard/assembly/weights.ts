import { Settings } from '@sluice/plugin-sdk/assembly'
import { OPERATION_TYPES, OperationType } from './document'

const ROOTS = ['Query', 'Mutation', 'Subscription']

/** No operation has this root: a field that stands deeper. */
export const BELOW: i32 = OPERATION_TYPES.length

/**
 * What fields cost, how long their lists are, and which nobody may ask for: by name, or "Query.name" for fields at the
 * root.
 */
@final
export class Weights {
  private each: f64 = 1
  private readonly costs: Map<string, f64> = new Map<string, f64>()
  private readonly lists: Map<string, f64> = new Map<string, f64>()
  private readonly denied: Set<string> = new Set<string>()
  readonly listArguments: Set<string> = new Set<string>()
  /** Taken for a list whose length nobody knows. */
  unknownSize: f64 = 100

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings, denied: string[]): string {
    this.each = settings.float('field', 1)
    this.unknownSize = settings.float('unknownListSize', 100)
    const names = settings.strings('listArguments')
    for (let i = 0; i < names.length; i++) this.listArguments.add(names[i])
    for (let i = 0; i < denied.length; i++) this.denied.add(denied[i])
    let wrong = take('cost.fields', settings.object('fields'), this.costs)
    if (wrong == '') wrong = take('cost.lists', settings.object('lists'), this.lists)
    for (let i = 0; i < denied.length && wrong == ''; i++) wrong = checked('deniedFields', denied[i])
    return wrong
  }

  /** @param root - the type of the operation for a field at its root, else BELOW */
  costOf(name: string, root: i32): f64 {
    return this.costs.size == 0 ? this.each : find(this.costs, name, root, this.each)
  }

  /** How long the list of a field is taken for when no argument says; 1 for a field that is no list. */
  sizeOf(name: string, root: i32): f64 {
    return this.lists.size == 0 ? 1 : find(this.lists, name, root, 1)
  }

  isDenied(name: string, root: i32): bool {
    if (this.denied.size == 0) return false
    return this.denied.has(name) || (root != BELOW && this.denied.has(ROOTS[root] + '.' + name))
  }
}

function take(place: string, settings: Settings, map: Map<string, f64>): string {
  const names = settings.names()
  for (let i = 0; i < names.length; i++) {
    const wrong = checked(place, names[i])
    if (wrong != '') return wrong
    map.set(names[i], settings.float(names[i]))
  }
  return ''
}

/** There is no schema here, so types are known at the root only. */
function checked(place: string, name: string): string {
  const dot = name.indexOf('.')
  if (dot < 0 || ROOTS.includes(name.substring(0, dot))) return ''
  return place + ': ' + name + ' is no field; write its name, or Query, Mutation or Subscription and a dot before it'
}

function find(map: Map<string, f64>, name: string, root: i32, fallback: f64): f64 {
  if (root != BELOW) {
    const long = ROOTS[root] + '.' + name
    if (map.has(long)) return map.get(long)
  }
  return map.has(name) ? map.get(name) : fallback
}
