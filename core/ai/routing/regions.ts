import type { HeaderList } from '../../base/headers.js'
import type { AiRegionsConfig } from '../../config/resolve-ai-models.js'

/** Lists of regions, each of which has to allow one. Empty: every region is allowed. */
export type RegionRules = readonly (readonly string[])[]

/**
 * What a caller is held to.
 * @param ofRoute - the route's own list
 */
export function regionRules(
  config: AiRegionsConfig,
  { consumer, tags }: { readonly consumer: string; readonly tags: HeaderList },
  ofRoute: readonly string[] | undefined
): RegionRules {
  const rules: (readonly string[])[] = []
  const own = consumer === '' ? undefined : config.consumers.get(consumer)
  if (own !== undefined) rules.push(own)
  for (let i = 0; i < tags.length; i += 2) {
    const list = config.tags.get(tags[i] ?? '')?.get(tags[i + 1] ?? '')
    if (list !== undefined) rules.push(list)
  }
  if (rules.length === 0 && config.default !== undefined) rules.push(config.default)
  if (ofRoute !== undefined) rules.push(ofRoute)
  return rules
}

/** "eu" allows "eu" and "eu-west-1". A region that is not known is allowed only where all are. */
export function regionAllowed(region: string, rules: RegionRules): boolean {
  return rules.every(list => region !== '' && list.some(each => within(region.toLowerCase(), each.toLowerCase())))
}

function within(region: string, allowed: string): boolean {
  return region === allowed || region.startsWith(`${allowed}-`)
}
