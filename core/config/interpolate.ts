import { didYouMean, HINT } from './suggest.js'

/** Where interpolated values come from. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The text of the file at a path as written in the configuration, or why there is none. */
  file(path: string): { readonly text: string } | { readonly failure: string }
}

export interface Interpolated {
  readonly text: string
  /** Whether a source was asked: the text may be secret. */
  readonly fromSource: boolean
  /** What is wrong; empty when nothing is. Names sources, never values. */
  readonly wrong: readonly string[]
}

const EXPECTED = `expected \${env:NAME}, \${env:NAME:-default} or \${file:path}; a literal "\${" is written "$\${"`

/**
 * Replaces every `${env:X}`, `${env:X:-default}` and `${file:path}`; `$${` stands for `${`. One pass from left to
 * right: what was put in is not looked at again. Never throws.
 */
export function interpolate(text: string, sources: Sources): Interpolated {
  const wrong: string[] = []
  let fromSource = false
  let out = ''
  let from = 0
  for (;;) {
    const open = text.indexOf('${', from)
    if (open === -1) break
    out += text.slice(from, open)
    if (text[open - 1] === '$') {
      out += '{' // the "$" before it is there already
      from = open + 2
      continue
    }
    const close = text.indexOf('}', open)
    if (close === -1) {
      wrong.push(`"\${" is never closed; ${EXPECTED}`)
      from = text.length
      break
    }
    const found = lookUp(text.slice(open + 2, close), sources)
    if ('failure' in found) wrong.push(found.failure)
    else out += found.text
    fromSource = true
    from = close + 1
  }
  return { text: out + text.slice(from), fromSource, wrong }
}

function lookUp(reference: string, sources: Sources): { readonly text: string } | { readonly failure: string } {
  const colon = reference.indexOf(':')
  const kind = colon === -1 ? '' : reference.slice(0, colon)
  const rest = reference.slice(colon + 1)
  if (kind === 'env') return fromEnv(rest, sources)
  if (kind === 'file') return fromFile(rest, sources)
  if (kind === '' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)) {
    return { failure: `"\${${rest}}" names no source; ${EXPECTED}${HINT}"\${env:${rest}}"?` }
  }
  const shown = /^[A-Za-z0-9_-]{1,32}$/.test(kind) ? `\${${kind}:…}` : `\${…}`
  return { failure: `"${shown}" names no source; ${EXPECTED}${didYouMean(kind, ['env', 'file'])}` }
}

/** As in a shell, the default also stands in for a variable that is set to nothing. */
function fromEnv(rest: string, { env }: Sources): { readonly text: string } | { readonly failure: string } {
  const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(rest) ?? []
  if (name === undefined) return { failure: `"\${env:…}" does not hold the name of a variable; ${EXPECTED}` }
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (fallback !== undefined && (value === undefined || value === '')) return { text: fallback }
  if (value !== undefined) return { text: value }
  return { failure: `the environment variable ${name} is not set; set it, or give a default: \${env:${name}:-default}` }
}

function fromFile(path: string, sources: Sources): { readonly text: string } | { readonly failure: string } {
  if (path === '') return { failure: `"\${file:}" names no file; ${EXPECTED}` }
  const read = sources.file(path)
  if ('failure' in read) return { failure: `the file of \${file:${path}} cannot be read: ${read.failure}` }
  return { text: read.text.replace(/\r?\n$/, '') }
}
