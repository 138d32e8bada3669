import { Refusal } from '../base/refusal.js'
import type { VersionMatch } from '../config/resolve-match.js'
import { varyOf } from './versions.js'

/** A path is known, the method is not: the reply carries Allow (RFC 9110 §15.5.6). */
export class MethodNotAllowed extends Refusal {
  constructor(
    method: string,
    readonly allow: readonly string[]
  ) {
    const list = allow.join(', ')
    super('GW_METHOD_NOT_ALLOWED', `${method} is not one of ${list}`, ['allow', list])
  }
}

/**
 * No route has the version that is asked for: the reply lists those there are.
 * @param named - whether the request names one
 * @returns undefined when there are no versions at all
 */
export function unknownVersion(versions: readonly VersionMatch[], named: boolean): Refusal | undefined {
  const [first] = versions
  if (first === undefined) return undefined
  const { kind, name } = first.by
  const known = [...new Set(versions.map(version => version.name))]
  const unknown = kind === 'mediaType' ? 'GW_VERSION_NOT_ACCEPTABLE' : 'GW_VERSION_UNKNOWN'
  const vary = varyOf(first.by)
  const said = named ? 'names none of the versions' : 'names no version of'
  return new Refusal(
    named ? unknown : 'GW_VERSION_MISSING',
    `${kind} ${name} ${said} ${known.join(', ')}`,
    vary === undefined ? [] : ['vary', vary],
    { versions: known }
  )
}
