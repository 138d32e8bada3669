import type { Catalog } from '../../ai/catalog/catalog.js'
import { ABILITIES, type CatalogModel, isAble, priceAt } from '../../ai/catalog/model.js'
import { dollars } from '../../base/dollars.js'

const HEAD = ['PROVIDER', 'MODEL', 'CONTEXT', 'OUTPUT', '$ IN', '$ CACHED', '$ OUT', 'CAN', '']
/** Numbers, which stand at the right. */
const RIGHT = [2, 3, 4, 5, 6]

/** A line for each model, then how many there are and how old the data is. Prices are dollars for a million tokens. */
export function modelsTable({ sources }: Catalog, models: readonly CatalogModel[], now: number): string {
  const data = sources.map(({ package: name, version, date }) => `${name} ${version} of ${date}`).join(', ')
  const count = `${models.length} ${models.length === 1 ? 'model' : 'models'}; dollars for a million tokens; from ${data}\n`
  if (models.length === 0) return count
  const rows = [HEAD, ...models.map(model => cells(model, now))]
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const lines = rows.map(row => {
    const padded = row.map((cell, i) =>
      RIGHT.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)
    )
    return `${padded.join('  ').trimEnd()}\n`
  })
  return `${lines.join('')}\n${count}`
}

function cells(model: CatalogModel, now: number): string[] {
  const { provider, id, contextTokens, maxOutputTokens } = model
  const rates = priceAt(model, now)?.rates
  return [
    provider,
    plain(id),
    tokens(contextTokens),
    tokens(maxOutputTokens),
    money(rates?.input),
    money(rates?.cacheRead),
    money(rates?.output),
    ABILITIES.filter(ability => isAble(model, ability)).join(','),
    remark(model, now)
  ]
}

function remark({ retires, deprecated }: CatalogModel, now: number): string {
  if (retires !== undefined) return `${Date.parse(retires) <= now ? 'retired' : 'retires'} ${retires}`
  return deprecated ? 'deprecated' : ''
}

/** 200000 → "200K", 1048576 → "1M". */
function tokens(count: number | undefined): string {
  if (count === undefined) return '-'
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(1))}M`
  return count >= 1_000 ? `${Math.round(count / 1_000)}K` : String(count)
}

function money(picoPerToken: number | undefined): string {
  return picoPerToken === undefined ? '-' : dollars(picoPerToken)
}

/** Names come from files: a terminal sees no control sequence. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}')
}
