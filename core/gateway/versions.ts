import { allValues, header } from '../base/headers.js'
import { plainVersion, type VersionMatch, type VersionSource } from '../config/resolve-match.js'
import { type Asked, queryValues } from './conditions.js'

/** One version of an API, as a route has it. */
export interface Version {
  readonly match: VersionMatch
  /**
   * How much a request wants it; 0: not at all. One that was asked for by name goes before the default.
   * @param names - of the path's parameters, with their `values`
   */
  rate(asked: Asked, names: readonly string[], values: readonly string[]): number
  /** Whether a request names any version, be there one or not. */
  names(asked: Asked): boolean
}

/** Asked for by name, or not named and the default: with the quality of RFC 9110 §12.4.2 in thousandths, doubled. */
const BY_NAME = 2_001
const BY_DEFAULT = 2_000

export function compileVersion(match: VersionMatch): Version {
  const { by } = match
  if (by.kind === 'mediaType') return byMediaType(match, by.name)
  if (by.kind === 'path') {
    const rate = (_: Asked, names: readonly string[], values: readonly string[]): number =>
      plainVersion(values[names.indexOf(by.name)] ?? '') === match.name ? BY_NAME : 0
    return { match, rate, names: () => true }
  }
  const read = (asked: Asked): string =>
    by.kind === 'header' ? allValues(asked.headers, by.name).trim() : queryValues(asked, by.name).join(', ')
  const rate = (asked: Asked): number => {
    const name = read(asked)
    if (name === '') return match.default ? BY_DEFAULT : 0
    return plainVersion(name) === match.name ? BY_NAME : 0
  }
  return { match, rate, names: asked => read(asked) !== '' }
}

/** The request header by which a version is chosen, if it is one: what Vary names. */
export function varyOf({ kind, name }: VersionSource): string | undefined {
  if (kind === 'header') return name
  return kind === 'mediaType' ? 'accept' : undefined
}

function byMediaType(match: VersionMatch, mediaType: string): Version {
  const rate = (asked: Asked): number => {
    const ranges = rangesOf(asked, mediaType)
    const named = Math.max(0, ...ranges.filter(range => range.version === match.name).map(range => range.quality))
    if (named > 0) return named * 2 + 1
    if (!match.default) return 0
    // Who speaks of other types only has no wish as to the version.
    if (!ranges.some(range => range.family)) return BY_DEFAULT
    return 2 * Math.max(0, ...ranges.filter(range => range.version === '').map(range => range.quality))
  }
  return { match, rate, names: asked => rangesOf(asked, mediaType).some(range => range.version !== '') }
}

/** One media range of Accept, as far as versions are concerned. */
interface Range {
  /** Whether it is about the API's own media type. */
  readonly family: boolean
  /** Empty: any. */
  readonly version: string
  /** Thousandths. */
  readonly quality: number
}

/** The ranges that are of the media type, or take it in. */
function rangesOf({ headers }: Asked, mediaType: string): Range[] {
  if (header(headers, 'accept') === undefined) return []
  const plus = mediaType.lastIndexOf('+')
  const [stem, suffix] = plus === -1 ? [mediaType, ''] : [mediaType.slice(0, plus), mediaType.slice(plus)]
  return allValues(headers, 'accept')
    .split(',')
    .flatMap((text): Range[] => {
      const [type = '', ...params] = text.split(';').map(part => part.trim().toLowerCase())
      const quality = qualityOf(params)
      if (type === '*/*' || type === `${mediaType.split('/')[0]}/*`) return [{ family: false, version: '', quality }]
      if (type === mediaType) return [{ family: true, version: plainVersion(paramOf(params, 'version')), quality }]
      if (!type.startsWith(`${stem}.`) || !type.endsWith(suffix)) return []
      const version = type.slice(stem.length + 1, type.length - suffix.length)
      return version === '' ? [] : [{ family: true, version: plainVersion(version), quality }]
    })
}

function paramOf(params: readonly string[], name: string): string {
  const param = params.find(each => each.startsWith(`${name}=`))
  return param === undefined ? '' : param.slice(name.length + 1).replace(/^"(.*)"$/, '$1')
}

/** RFC 9110 §12.4.2; what cannot be read counts as 1. */
function qualityOf(params: readonly string[]): number {
  const text = paramOf(params, 'q')
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Math.round(Number(text) * 1_000) : 1_000
}
