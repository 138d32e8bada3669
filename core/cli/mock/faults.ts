import { percentDecoded } from '../../base/percent.js'
import { invalid } from './failure.js'

interface Kind {
  /** What its value looks like; undefined: it has none. */
  readonly value?: RegExp
  readonly expects?: string
  /** Whether it may also stand alone. */
  readonly alone?: boolean
  readonly does: string
}

const STATUS = { value: /^[45]\d\d$/, expects: 'a status from 400 to 599' } as const
const COUNT = { value: /^\d{1,7}$/, expects: 'a whole number' } as const
const TIME = { value: /^\d{1,7}(?:ms|s)?$/, expects: 'a time such as 500ms or 2s' } as const

/** Everything that can be asked for, by model name, header, query or the control endpoint. */
export const FAULTS = {
  status: { ...STATUS, does: "an error reply, in the dialect's form" },
  'retry-after': { value: /^.+$/, expects: 'seconds or a date', does: 'the Retry-After of that error reply' },
  context: { does: "the error for a prompt that is too long, in the dialect's words" },
  policy: { does: "the error for a prompt that the content policy forbids, in the dialect's words" },
  html: { does: 'an HTML page, as a proxy on the way would send it; 502 unless status says otherwise' },
  hang: { does: 'nothing is answered, ever' },
  reset: { does: 'the connection is reset before the head' },
  delay: { ...TIME, does: 'so long until the head' },
  ttft: { ...TIME, does: 'so long from the head to the first event, or to the body' },
  stall: { ...TIME, alone: true, does: 'silence in the middle, for good where no time is said' },
  after: { ...COUNT, does: 'after so many events `stall` and `garbage` come, else half of them' },
  slow: { value: /^\d{1,5}(?:\/s)?$/, expects: 'events per second, such as 20/s', does: 'so many events per second' },
  drop: { ...COUNT, alone: true, does: 'the connection is reset after so many events, else half of them' },
  truncate: { does: 'a proper end without the terminal event, or in the middle of the JSON' },
  empty: { does: 'a reply with status 200 and no answer: an empty object, or a stream without events' },
  'error-first': { does: 'a reply with status 200 of which the first event is an error' },
  'error-in-stream': { ...COUNT, does: 'an error within the reply after so many events' },
  'error-status': { ...STATUS, does: 'the status whose error that is, 500 where nothing is said' },
  garbage: { does: 'an event, or a body, that is not JSON' },
  split: {
    value: /^(?:random|[1-9]\d{0,6})$/,
    expects: 'random or a number of bytes',
    does: 'bytes cut in such pieces'
  },
  crlf: { does: 'events with CRLF' },
  comments: { does: 'a comment between events, as OpenRouter sends them' },
  answer: { value: /^[\s\S]+$/, expects: 'a text, percent-encoded', does: 'this answer' },
  tokens: { ...COUNT, does: 'an answer of so many tokens' },
  think: { does: 'reasoning in front of the answer, as the model …-think does' },
  reasoning: { ...COUNT, does: 'so many tokens of reasoning' },
  cached: { ...COUNT, does: 'so many tokens of the prompt are said to come from the cache' },
  filter: { does: 'an answer that the content filter ends' },
  'no-usage': { does: 'no usage in the reply' },
  times: { ...COUNT, does: 'all this for the first so many requests of this kind only' }
} as const satisfies Record<string, Kind>

export type FaultName = keyof typeof FAULTS

/** What was asked for with one request. */
export class Faults {
  private readonly values = new Map<FaultName, string>()

  /** Later ones win. @throws Refused when there is no such fault, or its value is not one */
  add(text: string): this {
    for (const part of text.split(/[+,]/)) if (part !== '') this.addOne(part)
    return this
  }

  addOne(part: string): this {
    const equals = part.indexOf('=')
    const name = (equals === -1 ? part : part.slice(0, equals)).trim()
    const value = equals === -1 ? '' : percentDecoded(part.slice(equals + 1).trim())
    if (!isFault(name))
      throw invalid(`there is no fault "${name}"; expected ${Object.keys(FAULTS).join(', ')}`, 'model')
    const kind: Kind = FAULTS[name]
    const fits = value === '' ? kind.value === undefined || kind.alone === true : kind.value?.test(value)
    if (fits !== true) {
      throw invalid(`the fault "${name}" has the value "${value}", expected ${kind.expects ?? 'none'}`, 'model')
    }
    this.values.set(name, value)
    return this
  }

  addAll(others: Faults): void {
    for (const [name, value] of others.values) this.values.set(name, value)
  }

  has(name: FaultName): boolean {
    return this.values.has(name)
  }

  text(name: FaultName): string | undefined {
    return this.values.get(name)
  }

  number(name: FaultName): number | undefined {
    const value = this.values.get(name)
    return value === undefined || value === '' ? undefined : Number.parseInt(value, 10)
  }

  /** Milliseconds; a bare number is milliseconds too. */
  ms(name: FaultName): number | undefined {
    const number = this.number(name)
    return number === undefined || this.values.get(name)?.endsWith('ms') || !this.values.get(name)?.endsWith('s')
      ? number
      : number * 1000
  }

  /** The same for every request that asks for the same. */
  toString(): string {
    return [...this.values].map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('+')
  }
}

export function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name)
}

/** Takes the faults off a model's name: "gpt-5+status=429,retry-after=2". A "+" at its end is part of the name. */
export function modelAndFaults(name: string): { model: string; faults: string } {
  const plus = name.indexOf('+')
  if (plus <= 0 || plus === name.length - 1) return { model: name, faults: '' }
  return { model: name.slice(0, plus), faults: name.slice(plus + 1) }
}

/** The faults as a table for --help. */
export function faultTable(): string {
  return Object.entries(FAULTS)
    .map(([name, kind]) => `  ${name.padEnd(16)} ${kind.does}`)
    .join('\n')
}
