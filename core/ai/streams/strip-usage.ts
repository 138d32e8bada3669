import type { StreamWatch } from '../dialects/dialect.js'
import type { Frame } from '../frames/frame.js'
import { isObject } from '../members.js'
import type { FrameTurn } from './passing.js'

/**
 * Takes out of an OpenAI stream what only came because Sluice asked for usage on its own account: the chunk that has nothing but usage, and the
 * `"usage":null` of all the others.
 */
export class StripUsage implements FrameTurn {
  constructor(private readonly watch: StreamWatch) {}

  frame(frame: Frame): readonly Frame[] {
    this.watch.frame(frame)
    const { data } = frame
    const at = data.lastIndexOf('"usage"')
    if (at === -1) return [frame]
    const cut = data.replace(NULL_USAGE, '')
    if (cut !== data) return [{ event: frame.event, data: cut }]
    return onlyUsage(data) ? [] : [frame]
  }

  end(): readonly Frame[] {
    return []
  }
}

/** A member after others, or before them. Within a string its quotes would be escaped. */
const NULL_USAGE = /,\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,/

function onlyUsage(data: string): boolean {
  try {
    const chunk: unknown = JSON.parse(data)
    return isObject(chunk) && Array.isArray(chunk.choices) && chunk.choices.length === 0 && isObject(chunk.usage)
  } catch {
    return false
  }
}
