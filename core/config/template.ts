/**
 * Text with places for what a path pattern took: `{name}` a parameter or a group of a regular expression, `{1}` a group
 * without a name, `{*}` what "/*" stood for. In the authority of a URL, `{host}` is the name the client asked for.
 */
export type TemplatePart = string | { readonly param: string }

const PLACE = /\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|\*)\}/

/** Takes a template apart. The caller has checked it. */
export function parseTemplate(text: string): TemplatePart[] {
  return text
    .split(new RegExp(PLACE, 'g'))
    .map((part, i) => (i % 2 === 1 ? { param: part } : part))
    .filter(part => part !== '')
}

/** The names a template takes. */
export function paramsIn(text: string): string[] {
  return parseTemplate(text).flatMap(part => (typeof part === 'string' ? [] : [part.param]))
}

/** What is wrong with a template for a path, or undefined. */
export function wrongPathTemplate(text: string): string | undefined {
  if (!text.startsWith('/')) return 'does not begin with "/"; expected a path like /orders/{id}'
  const more = /[?#]/.exec(text)
  if (more !== null) return `holds a "${more[0]}"; expected a path alone`
  return wrongPlaces(text) ?? wrongPathText(text)
}

/** What is wrong with a template for the place a redirect leads to, or undefined. */
export function wrongTargetTemplate(text: string): string | undefined {
  const url = splitTarget(text)
  if (url === undefined) return 'is no address; expected a path like /orders/{id}, or one like https://example.com/{*}'
  return wrongAuthority(url.origin) ?? wrongPlaces(url.rest) ?? wrongPathText(url.rest)
}

/** What is wrong with a template for a value of the query, or undefined. */
export function wrongValueTemplate(text: string): string | undefined {
  return wrongPlaces(text)
}

/** A redirect's target: scheme and authority, which may be empty, and what comes after. */
export function splitTarget(text: string): { readonly origin: string; readonly rest: string } | undefined {
  const origin = /^https?:\/\/[^/?#]*/.exec(text)?.[0] ?? ''
  const rest = text.slice(origin.length)
  if (origin === '') return /^\/(?!\/)/.test(rest) ? { origin, rest } : undefined
  return { origin, rest: rest.startsWith('/') ? rest : `/${rest}` }
}

function wrongPlaces(text: string): string | undefined {
  const brace = /[{}]/.exec(text.replace(new RegExp(PLACE, 'g'), ''))
  return brace === null ? undefined : `has a "${brace[0]}" that is no place like {id}; expected no other braces`
}

/** RFC 3986 §3.3 to §3.5, percent-encoded where it must be. */
function wrongPathText(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return 'has a "%" without two hex digits; expected "%25" for the sign itself'
  if (!/^[!#$%&'()*+,\-./:;=?@_~A-Za-z0-9{}]*$/.test(text))
    return 'has a character that a URL holds only percent-encoded'
  const [path = ''] = text.split(/[?#]/)
  if (path.includes('//')) return 'has an empty segment ("//"); expected one "/" between segments'
  return path.split('/').some(part => part === '.' || part === '..')
    ? 'has a dot segment; expected the path it leads to'
    : undefined
}

/** Whatever stands in the authority decides where people are sent: callers must have no say in it, but for their Host. */
function wrongAuthority(origin: string): string | undefined {
  if (origin === '') return undefined
  const known = origin.replace('{host}', 'example.com')
  if (/[{}]/.test(known))
    return 'has a parameter in its host; expected a name, or {host} for the one the client asked for'
  if (!URL.canParse(known) || new URL(known).host === '')
    return 'has no host that can be; expected one like https://example.com'
  return known.includes('@') ? 'has a user in front of its host; expected the host alone' : undefined
}
