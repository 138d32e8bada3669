/** A page of documentation as what a reader does with it: files to write and commands to run, in order. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'command'
      readonly command: string
      readonly background: boolean
      readonly shows: readonly string[]
    }

/**
 * The steps of a chapter: "console" blocks have commands behind "$ " and below each what it prints; any other block
 * whose first line is a comment with a path is a file.
 */
export function stepsOf(page: string, chapter: string): Step[] {
  const from = page.indexOf(`\n## ${chapter}`)
  const to = page.indexOf('\n## ', from + 1)
  const blocks = page.slice(from, to === -1 ? undefined : to).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)
  return [...blocks].flatMap(([, language = '', text = '']): Step[] => {
    if (language === 'console') return commandsOf(text)
    const path = /^(?:\/\/|#) ([\w./-]+)\n/.exec(text)?.[1]
    if (path === undefined) return []
    return [{ kind: 'file', path, text: path.endsWith('.json') ? text.slice(text.indexOf('\n') + 1) : text }]
  })
}

function commandsOf(text: string): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map(part => {
      const [line = '', ...shows] = part.trimEnd().split('\n')
      const background = line.endsWith(' &')
      return { kind: 'command', command: background ? line.slice(0, -2) : line, background, shows }
    })
}

/** Whether `printed` is what the page shows: blanks are as good as one, "…" is anything, alone in a line any lines. */
export function isShown(shows: readonly string[], printed: string): boolean {
  const pattern = shows.map(line => (line === '…' ? '(?:.*\\n)*?' : `${lineAs(line)}\\n`)).join('')
  return new RegExp(`^${pattern}$`).test(printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`)
}

/** The pattern of one line. */
export function lineAs(line: string): string {
  return line
    .trim()
    .split(/(…|\s+)/)
    .map(part => (part === '…' ? '.*' : /^\s+$/.test(part) ? '\\s+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
    .replace(/^/, '\\s*')
}
