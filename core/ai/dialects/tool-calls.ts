import { createHash } from 'node:crypto'

/** What stands for arguments where a model told none: clients parse them. */
export const NO_ARGUMENTS = '{}'

/**
 * A name for a call of a tool that came without one.
 * @param seed - what tells the reply from others: the same reply gets the same names, however it was cut into pieces
 */
export function callId(seed: string, choice: number, call: number, name: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([seed, choice, call, name]))
    .digest('hex')
  return `call_${hash.slice(0, 24)}`
}

/** Brings calls and results together where a dialect names neither, or only the tool: results come in the order of the calls. */
export class OpenCalls {
  private count = 0
  private readonly waiting: { readonly id: string; readonly name: string }[] = []

  /** A call; the id is its own, or counted over the conversation, so that it stays when the conversation grows. */
  opened(name: string, id: string | undefined): string {
    const used = id ?? `call_${this.count}`
    this.count++
    this.waiting.push({ id: used, name })
    return used
  }

  /** The call that a result is for. */
  closed(name: string | undefined, id: string | undefined): { id: string; name: string | undefined } {
    const at = this.waiting.findIndex(each =>
      id === undefined ? name === undefined || each.name === name : each.id === id
    )
    const [call] = at === -1 ? [] : this.waiting.splice(at, 1)
    return { id: id ?? call?.id ?? `call_${name ?? 'unknown'}`, name: name ?? call?.name }
  }
}
