import Type, { type TString, type TStringOptions } from 'typebox'
import { bytes, DURATION_PATTERN, milliseconds, SIZE_PATTERN } from '../base/units.js'
import { wrongCatalog } from './catalog-location.js'
import { wrongAuthority, wrongHost } from './hosts.js'
import { wrongNetwork } from './networks.js'
import { wrongPattern } from './path-pattern.js'
import { wrongTarget } from './targets.js'

/** Kinds of text in a configuration. A title is a noun phrase: messages say "expected <title>, like <examples>". */

/** Longest delay a timer of Node can hold. */
const MAX_MS = 2 ** 31 - 1

export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9._-]{0,62}$'
export const HEADER_NAME_PATTERN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
export const PLUGIN_NAME_PATTERN = '^[a-z][a-z0-9-]{0,62}$'
/** Names of models are others' choice: they have dots, colons, slashes and "@". */
export const MODEL_NAME_PATTERN = '^[^\\s/][^\\s]{0,199}$'

/** What the patterns that have no title of their own stand for. */
export const PATTERN_TITLES: Readonly<Record<string, string>> = {
  [NAME_PATTERN]: 'a name: a letter, then letters, digits, ".", "_" and "-", at most 63',
  [HEADER_NAME_PATTERN]: 'a header name',
  [PLUGIN_NAME_PATTERN]: 'a name: a small letter, then small letters, digits and "-", at most 63',
  [MODEL_NAME_PATTERN]: 'the name of a model: no blanks, no "/" at its beginning, at most 200 characters'
}

/** Text with a check of its own: `wrong` says what is the matter, without repeating the text, or nothing. */
export function checked(wrong: (text: string) => string | undefined, options: TStringOptions): TString {
  return Type.Refine(
    Type.String(options),
    text => typeof text !== 'string' || wrong(text) === undefined,
    text => (typeof text === 'string' ? wrong(text) : undefined) ?? ''
  )
}

/** A duration; '250ms', '30s', '5m', '1h'. */
export function Duration(description: string, options: { readonly default?: string; readonly min?: number } = {}) {
  const { min = 1, ...rest } = options
  const wrong = (text: string) => {
    if (!new RegExp(DURATION_PATTERN).test(text)) return undefined // the pattern says it
    const ms = milliseconds(text)
    if (ms < min) return `is too short; expected at least ${min}ms`
    return ms > MAX_MS ? 'is too long; expected at most 596h' : undefined
  }
  return checked(wrong, {
    title: 'a duration',
    examples: ['250ms', '30s', '5m', '1h'],
    pattern: DURATION_PATTERN,
    description,
    ...rest
  })
}

/** A number of bytes; '512B', '16KiB', '32MiB', '2GiB'. */
export function Size(
  description: string,
  options: { readonly default?: string; readonly min?: string; readonly max?: string } = {}
) {
  const { min = '0B', max = '1048576GiB', ...rest } = options
  const wrong = (text: string) => {
    if (!new RegExp(SIZE_PATTERN).test(text)) return undefined // the pattern says it
    if (bytes(text) < bytes(min)) return `is too small; expected at least ${min}`
    return bytes(text) > bytes(max) ? `is too large; expected at most ${max}` : undefined
  }
  return checked(wrong, {
    title: 'a size',
    examples: ['512B', '16KiB', '32MiB', '2GiB'],
    pattern: SIZE_PATTERN,
    description,
    ...rest
  })
}

export const PathText = checked(wrongPattern, {
  title: 'a path pattern',
  examples: ['/orders', '/orders/{id}', '/files/*'],
  description:
    'The path: exact; "{name}" stands for one whole segment; a "*" as the last segment for whatever follows: /files/* is /files and all below.'
})

export const HostText = checked(wrongHost, {
  title: 'a host name',
  examples: ['api.example.com', '*.example.com']
})

/** A host name, maybe with a port, as a Host header has it. */
export const HostPortText = checked(wrongAuthority, {
  title: 'a host name, maybe with a port',
  examples: ['orders.internal', 'orders.internal:8080'],
  description: 'The Host header that goes upstream. Left out: as preserveHost of the upstream says.'
})

const TARGET = { title: 'an address', examples: ['http://127.0.0.1:9000', 'https://api.example.com'] }

export const TargetText = checked(wrongTarget, TARGET)

/** An address, where it has a key of its own. */
export const TargetUrl = checked(wrongTarget, { ...TARGET, description: 'Its address.' })

export const CatalogText = checked(wrongCatalog, {
  title: 'the place of a catalog',
  examples: ['./catalog', 'https://plugins.example.com/']
})

export const NetworkText = checked(wrongNetwork, {
  title: 'an IP address or a network',
  examples: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']
})

const METHOD = { title: 'a method', examples: ['GET', 'POST'] }

export const MethodText = checked(wrongMethod, METHOD)

/** The method of a probe. */
export const ProbeMethod = checked(wrongMethod, { ...METHOD, default: 'GET', description: 'With which method.' })

/** RFC 9110 §9.1: methods are case-sensitive tokens; a lower-case one would never match. */
function wrongMethod(text: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return 'is not a method; expected a token like GET'
  if (text === text.toUpperCase()) return undefined
  return `is not in upper case; did you mean "${text.toUpperCase()}"?`
}
