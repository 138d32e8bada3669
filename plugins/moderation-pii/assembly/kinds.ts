import { Settings } from '@sluice/plugin-sdk/assembly'
import { Kind, KIND_NAMES, want } from '@sluice/plugin-sdk/assembly/pii'

/** What is done with each kind of data. */

export enum Action {
  IGNORE,
  BLOCK,
  MASK,
  REPLACE
}

const actions = new StaticArray<Action>(7)

/** Whether any kind gets placeholders. */
export let replacesSome = false

/** Takes the actions in. Returns "" or what is wrong with them. */
export function prepareKinds(settings: Settings): string {
  const usual = actionOf(settings.string('action', 'mask'))
  const single = settings.object('actions')
  let some = false
  replacesSome = false
  for (let kind = 0; kind < KIND_NAMES.length; kind++) {
    const name = KIND_NAMES[kind]
    actions[kind] = single.has(name) ? actionOf(single.string(name)) : usual
    want(kind, actions[kind] != Action.IGNORE)
    if (actions[kind] != Action.IGNORE) some = true
    if (actions[kind] == Action.REPLACE) replacesSome = true
  }
  return some ? '' : 'action and actions ignore every kind of data'
}

@inline
export function actionFor(kind: Kind): Action {
  return unchecked(actions[kind])
}

function actionOf(name: string): Action {
  if (name == 'block') return Action.BLOCK
  if (name == 'replace') return Action.REPLACE
  return name == 'ignore' ? Action.IGNORE : Action.MASK
}
