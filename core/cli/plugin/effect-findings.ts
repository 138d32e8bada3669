import type { Permissions } from '../../base/manifest.js'
import type { Effect } from '../../plugin-host/abi.js'
import { type Grants, grants, mayRead } from '../../plugin-host/permissions.js'
import type { Staged } from './stage.js'
import type { Seen } from './witness.js'

/**
 * What a plugin asks for beyond its exchange and no case makes use of: callouts, secrets, the store, the bag. What an entry from
 * the settings stands for is another in each case.
 */
export function unusedEffects({ files, performances }: Staged): string[] {
  const { callouts = [], secrets = [], store, bag = [] } = files.manifest.permissions ?? {}
  const shown = (asked: Permissions, uses: (seen: Seen, only: Grants) => boolean): boolean =>
    performances.some(({ binding, witness }) => {
      const only = grants(asked, 'asked', JSON.parse(binding?.settings ?? '{}'))
      return witness.seen.some(seen => uses(seen, only))
    })
  const asksFor = (asked: Permissions, fits: (effect: Effect, only: Grants) => boolean): boolean =>
    shown(asked, ({ verdict }, only) => verdict?.effects.some(effect => fits(effect, only)) === true)

  const calls = callouts.filter(entry => !asksFor({ callouts: [entry] }, isCallout))
  const keys = secrets.filter(entry => !asksFor({ secrets: [entry] }, ({ secret }, only) => only.secrets.has(secret)))
  const keeps = store !== true || asksFor({ store }, ({ kv }) => kv !== null)
  const reads = bag.filter(
    entry =>
      !shown({ bag: [entry] }, (seen, only) => seen.bag.some((name, i) => i % 2 === 0 && mayRead(only.bag, name)))
  )
  return [
    ...calls.map(entry => `callouts "${entry}": no case shows its use`),
    ...keys.map(entry => `secrets "${entry}": no case shows its use`),
    ...(keeps ? [] : ['store: no case shows its use']),
    ...reads.map(entry => `bag "${entry}": no case has such an entry`)
  ]
}

function isCallout({ http, jwks }: Effect, { callouts }: Grants): boolean {
  if (http !== null && http.upstream !== '') return callouts.upstreams.has(http.upstream)
  const url = http?.url ?? jwks
  return URL.canParse(url) && callouts.origins.has(new URL(url).origin)
}
