import {
  JsonTree,
  lowerAscii,
  parameterValues,
  Part,
  pointerSteps,
  RequestView,
  Settings,
  Step,
  withMergedSlashes
} from '@sluice/plugin-sdk/assembly'
import { bodyValues } from './body'

enum Kind {
  HEADER,
  COOKIE,
  QUERY,
  PARAM,
  TAG,
  BODY,
  PART
}

const NAMES = ['header', 'cookie', 'query', 'param', 'tag', 'body', 'part']

/** Of one name: more of them are a way to make rules expensive. */
const MAX_VALUES: i32 = 64

/** Why the last `Source.of` failed. */
export let sourceMistake = ''

/** Every source of the settings: rules that ask for the same thing share it. */
const known: Source[] = []
let requests: u32 = 0

/** Begins a request: what was read of the last one is forgotten. */
export function beginSources(): void {
  requests++
}

/** A thing of the request that rules look at. */
@final
export class Source {
  private values: string[] = []
  private isThere: bool = false
  private readFor: u32 = 0
  private part: Part | null = null
  private steps: Step[] = []

  private constructor(
    private readonly kind: Kind,
    private readonly name: string
  ) {}

  /** The one thing that a condition names; null when it names none or two, `sourceMistake` says so. */
  static of(condition: Settings): Source | null {
    let kind = -1
    for (let i = 0; i < NAMES.length; i++) {
      if (!condition.has(NAMES[i])) continue
      if (kind >= 0) return refuse(NAMES[kind] + ' and ' + NAMES[i] + ' are two things: make two conditions of them')
      kind = i
    }
    if (kind < 0) return refuse('it needs one of ' + NAMES.join(', '))
    const written = condition.string(NAMES[kind])
    const name = kind == Kind.HEADER ? lowerAscii(written) : written
    for (let i = 0; i < known.length; i++) if (known[i].kind == kind && known[i].name == name) return known[i]
    const source = new Source(<Kind>kind, name)
    if (kind == Kind.PART) source.part = Part.of(name)
    if (kind == Kind.BODY) {
      const steps = pointerSteps(name)
      if (steps === null) return refuse('body needs a JSON pointer, such as /model')
      source.steps = steps
    }
    known.push(source)
    return source
  }

  /** Whether the request has it at all. */
  exists(request: RequestView): bool {
    this.read(request)
    return this.isThere
  }

  /** Its values, as text. */
  texts(request: RequestView): string[] {
    this.read(request)
    return this.values
  }

  private read(request: RequestView): void {
    if (this.readFor == requests) return
    this.readFor = requests
    this.values = this.valuesIn(request)
    // An object has no text, but it is there.
    if (this.kind != Kind.BODY) this.isThere = this.values.length > 0
  }

  private valuesIn(request: RequestView): string[] {
    switch (this.kind) {
      case Kind.HEADER:
        return firstOf(request.headers(this.name))
      case Kind.COOKIE: {
        const value = request.cookie(this.name)
        return value.length > 0 ? [value] : []
      }
      case Kind.QUERY:
        return firstOf(parameterValues(request.query, this.name))
      case Kind.PARAM: {
        const value = request.param(this.name)
        return value.length > 0 ? [value] : []
      }
      case Kind.TAG:
        return request.hasTag(this.name) ? [request.tag(this.name)] : []
      case Kind.BODY:
        return this.bodyTexts(request)
      default: {
        const value = this.partText(request)
        return value.length > 0 ? [value] : []
      }
    }
  }

  private bodyTexts(request: RequestView): string[] {
    const found: JsonTree[] = []
    bodyValues(request, this.steps, found, MAX_VALUES)
    this.isThere = found.length > 0
    const texts: string[] = []
    for (let i = 0; i < found.length; i++) if (!found[i].isObject && !found[i].isArray) texts.push(found[i].text)
    return texts
  }

  private partText(request: RequestView): string {
    const part = this.part
    if (part === null) return ''
    const value = part.value(request, null)
    if (this.name == 'path') return withMergedSlashes(value)
    return this.name == 'host' ? hostName(value) : value
  }
}

/** A host in lower case, without its port. */
function hostName(host: string): string {
  const colon = host.lastIndexOf(':')
  return lowerAscii(colon > host.lastIndexOf(']') ? host.substring(0, colon) : host)
}

function firstOf(values: string[]): string[] {
  return values.length > MAX_VALUES ? values.slice(0, MAX_VALUES) : values
}

function refuse(why: string): Source | null {
  sourceMistake = why
  return null
}
