import { Settings } from '@sluice/plugin-sdk/assembly'
import { Kind, KIND_NAMES, want } from '@sluice/plugin-sdk/assembly/pii'

/** What is done with each kind of data. */
export enum Mode {
  IGNORE,
  DENY,
  REDACT,
  HASH,
  MASK
}

const modes = new StaticArray<Mode>(7)

/** Whether any kind gets placeholders. */
export let masksSome = false

/** Takes the modes in. Returns "" or what is wrong with them. */
export function prepareModes(settings: Settings, hasSecret: bool): string {
  const usual = modeOf(settings.string('mode', 'mask'))
  const single = settings.object('modes')
  let some = false
  for (let kind = 0; kind < KIND_NAMES.length; kind++) {
    const name = KIND_NAMES[kind]
    const mode = single.has(name) ? modeOf(single.string(name)) : usual
    if (mode == Mode.HASH && !hasSecret) return 'the mode hash needs a secret: a hash without one can be guessed'
    modes[kind] = mode
    want(kind, mode != Mode.IGNORE)
    if (mode != Mode.IGNORE) some = true
    if (mode == Mode.MASK) masksSome = true
  }
  return some ? '' : 'mode and modes ignore every kind of data'
}

export function modeFor(kind: Kind): Mode {
  return unchecked(modes[kind])
}

function modeOf(name: string): Mode {
  if (name == 'deny') return Mode.DENY
  if (name == 'redact') return Mode.REDACT
  if (name == 'hash') return Mode.HASH
  return name == 'ignore' ? Mode.IGNORE : Mode.MASK
}
