import { Settings } from '@sluice/plugin-sdk/assembly'

/** The kinds of data that are found, and what is done with each. */
export enum Kind {
  EMAIL,
  PHONE,
  CARD,
  IBAN,
  SSN,
  IP,
  SECRET
}

export enum Action {
  IGNORE,
  BLOCK,
  MASK,
  REPLACE
}

/** As the settings name them, by kind. */
export const KIND_NAMES: StaticArray<string> = ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'secret']
/** As placeholders and masks name them, by kind. */
export const LABELS: StaticArray<string> = ['EMAIL', 'PHONE', 'CARD', 'IBAN', 'SSN', 'IP', 'SECRET']

const actions = new StaticArray<Action>(7)

/** Takes the actions in. Returns "" or what is wrong with them. */
export function prepareKinds(settings: Settings): string {
  const usual = actionOf(settings.string('action', 'mask'))
  const single = settings.object('actions')
  let some = false
  for (let kind = 0; kind < KIND_NAMES.length; kind++) {
    const name = KIND_NAMES[kind]
    actions[kind] = single.has(name) ? actionOf(single.string(name)) : usual
    if (actions[kind] != Action.IGNORE) some = true
  }
  return some ? '' : 'action and actions ignore every kind of data'
}

@inline
export function actionFor(kind: Kind): Action {
  return unchecked(actions[kind])
}

/** Whether this kind is looked for. */
@inline
export function wants(kind: Kind): bool {
  return unchecked(actions[kind]) != Action.IGNORE
}

function actionOf(name: string): Action {
  if (name == 'block') return Action.BLOCK
  if (name == 'replace') return Action.REPLACE
  return name == 'ignore' ? Action.IGNORE : Action.MASK
}
