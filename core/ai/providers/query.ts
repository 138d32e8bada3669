import { percentDecoded } from '../../base/percent.js'

/** A query without some of its members; what stays is as it came. */
export function without(query: string, names: ReadonlySet<string>): string {
  if (query === '') return ''
  const named = (part: string): string => percentDecoded(part.split('=', 1)[0] ?? '')
  return query
    .split('&')
    .filter(part => !names.has(named(part)))
    .join('&')
}
