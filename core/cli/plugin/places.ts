import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Where a pattern first stands in the sources of a plugin, as the compiler writes places: "assembly/index.ts(5,30)"; "" for nowhere. */
export function placeIn(folder: string, pattern: RegExp): string {
  for (const name of sourcesOf(join(folder, 'assembly'))) {
    const lines = readFileSync(join(folder, 'assembly', name), 'utf8').split('\n')
    for (const [row, line] of lines.entries()) {
      const column = line.replace(/\/\/.*$/, '').search(pattern)
      if (column >= 0) return `assembly/${name.split(sep).join('/')}(${row + 1},${column + 1})`
    }
  }
  return ''
}

function sourcesOf(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return names.filter(name => name.endsWith('.ts')).sort()
  } catch {
    return [] // a plugin without its sources
  }
}
