import { PromptView, Settings } from '@sluice/plugin-sdk/assembly'

/** A message of the settings. */
export class Line {
  private readonly varies: bool

  constructor(
    readonly role: string,
    private readonly text: string
  ) {
    this.varies = text.includes('{consumer}') || text.includes('{tag.')
  }

  /** The text with what is known of the exchange in its places. */
  fill(prompt: PromptView): string {
    if (!this.varies) return this.text
    let text = this.text.replaceAll('{consumer}', prompt.consumer)
    for (let at = text.indexOf('{tag.'); at >= 0; at = text.indexOf('{tag.', at)) {
      const end = text.indexOf('}', at)
      if (end < 0) break
      const value = prompt.tag(text.slice(at + 5, end))
      text = text.slice(0, at) + value + text.slice(end + 1)
      at += value.length
    }
    return text
  }
}

export function linesOf(entries: Settings[]): Line[] {
  const lines: Line[] = []
  for (let i = 0; i < entries.length; i++) lines.push(new Line(entries[i].string('role'), entries[i].string('content')))
  return lines
}
