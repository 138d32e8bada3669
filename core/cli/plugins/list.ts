import { damage } from '../../plugin-host/catalog/damage.js'
import { type CatalogEntry, plain } from '../../plugin-host/catalog/format.js'
import { compareVersions } from '../../plugin-host/catalog/versions.js'
import type { PluginsContext } from './context.js'
import { newest } from './find.js'

/** A line of `sluice plugins list`. */
interface Row {
  readonly id: string
  readonly version: string
  readonly kind: string
  readonly state: string
  readonly description: string
  readonly hooks: readonly string[]
}

/** `sluice plugins list` and `search`: installed, built-in and available plugins of which `text` says something. */
export async function list(context: PluginsContext, text = ''): Promise<number> {
  const words = text.toLowerCase().split(/\s+/)
  const rows = (await rowsOf(context)).filter(row => words.every(word => described(row).includes(word)))
  if (rows.length === 0) {
    process.stdout.write(text === '' ? 'no plugins\n' : `no plugin has to do with "${plain(text)}"\n`)
    return 0
  }
  process.stdout.write(table(rows))
  return 0
}

async function rowsOf(context: PluginsContext): Promise<Row[]> {
  const rows = new Map<string, Row>()
  for (const { entries, foreign, own } of await context.catalogs()) {
    const ids = new Set(entries.map(({ id }) => id))
    for (const id of ids) {
      const entry = newest(entries.filter(each => each.id === id))
      if (entry === undefined || rows.has(id)) continue
      const { version, kind, description, hooks } = entry
      rows.set(id, { id, version, kind, description, hooks, state: await stateOf(entry, own, context) })
    }
    for (const { id, version, abi } of foreign) {
      if (rows.has(id)) continue
      rows.set(id, { id, version, kind: '-', description: '', hooks: [], state: `needs a Sluice with ABI ${abi}` })
    }
  }
  for (const { id, version } of context.locked.values()) {
    if (rows.has(id)) continue
    const state = (await installedState(id, context)) ?? 'installed'
    rows.set(id, { id, version, kind: '-', description: '(in no catalog)', hooks: [], state })
  }
  return [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function stateOf(entry: CatalogEntry, own: boolean, context: PluginsContext): Promise<string> {
  if (own) return 'built-in'
  if (context.builtins.includes(entry.id)) return 'has the name of a built-in'
  const installed = await installedState(entry.id, context)
  const locked = context.locked.get(entry.id)
  if (installed === undefined || locked === undefined) return 'available'
  const order = compareVersions(entry.version, locked.version)
  return order > 0 ? `${installed}, newer available` : installed
}

/** What is said of a plugin in the lock file; undefined when it is not in there. */
export async function installedState(id: string, context: PluginsContext): Promise<string | undefined> {
  const locked = context.locked.get(id)
  if (locked === undefined) return undefined
  const broken = await damage(context.pluginsDir, locked)
  return broken === undefined ? `installed ${locked.version}` : `installed ${locked.version}, DAMAGED`
}

function described({ id, kind, description, hooks }: Row): string {
  return [id, kind, description, ...hooks].join('\n').toLowerCase()
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ id, version, kind, state, description }) => [id, version, kind, state, plain(description)])
  const all = [['ID', 'VERSION', 'KIND', 'STATE', 'DESCRIPTION'], ...cells]
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(line => line[column]?.length ?? 0)))
  return all
    .map(
      line =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`
    )
    .join('')
}
