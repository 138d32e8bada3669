import { Buffer, isUtf8 } from 'node:buffer'
import { isMembers, type Members } from '../json-mapping.js'
import { decodedInput, decodedOutput } from '../json-messages.js'
import { isCredential } from '../permissions.js'
import type { RecordedBinding, RecordedCall, Recording } from './format.js'

/** A shorter text is no secret, and stands in too many others. */
const LEAST_LENGTH = 4
const HIDDEN = '[hidden]'

/** Texts that are not printed. */
export class Secrets {
  /** Long ones first: one may be part of another. */
  readonly texts: readonly string[]

  constructor(texts: Iterable<string>) {
    this.texts = [...new Set(texts)].filter(({ length }) => length >= LEAST_LENGTH).sort((a, b) => b.length - a.length)
  }

  /** These and more. */
  and(more: readonly string[]): Secrets {
    return more.length === 0 ? this : new Secrets([...this.texts, ...more])
  }

  /** The text as it may be printed. */
  hide(text: string): string {
    return this.texts.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
  }

  /**
   * Bytes as they may be printed: as text where they are text, else as base64.
   * @param written - how text is written; undefined: it is none
   */
  show(bytes: Uint8Array, written: (text: string) => string | undefined = quoted): string {
    const buffer = Buffer.from(bytes)
    const shown = isUtf8(buffer) ? written(this.hide(buffer.toString('utf8'))) : undefined
    if (shown !== undefined) return shown
    return this.texts.some(secret => buffer.includes(secret)) ? HIDDEN : `${buffer.toString('base64')} (base64)`
  }
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** What a recording has of secrets: credentials in headers, answers to effects that ask for a secret, and settings that are marked. */
export function secretsOf(recording: Recording): Secrets {
  const { bindings, calls } = recording
  return new Secrets([
    ...bindings.flatMap(inSettings),
    ...calls.flatMap(call => inOutput(call, bytesOf(call.output))),
    ...bindings.flatMap(({ index }) => inInputs(calls.filter(({ binding }) => binding === index)))
  ])
}

/** The credentials in headers of an answer. */
export function inOutput({ phase }: Pick<RecordedCall, 'phase'>, output: Uint8Array | undefined): string[] {
  return credentials(decoded(() => decodedOutput(phase, output ?? new Uint8Array(0))))
}

function inInputs(calls: readonly RecordedCall[]): string[] {
  const outputs = calls.map(call => decoded(() => decodedOutput(call.phase, bytesOf(call.output))))
  const asked = new Set(outputs.flatMap(secretIds))
  return calls.flatMap(call => {
    const input = decoded(() => decodedInput(call.hook, bytesOf(call.input)))
    const answers = membersIn(input.answers).filter(({ id }) => asked.has(id))
    return [...credentials(input), ...answers.flatMap(({ body }) => (body instanceof Uint8Array ? textOf(body) : []))]
  })
}

function inSettings({ settings, secrets = [] }: RecordedBinding): string[] {
  const whole: unknown = JSON.parse(settings)
  return secrets.flatMap(pointer => textsIn(at(whole, pointer)))
}

function at(whole: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1)
  return steps
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (value: unknown, step) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? Reflect.get(value, step)
          : undefined,
      whole
    )
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn)
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
}

/** Names of what a verdict asks for that is a secret. */
function secretIds(output: Members): unknown[] {
  const { effects, verdict } = output
  const inner = isMembers(verdict) ? secretIds(verdict) : []
  return [
    ...inner,
    ...membersIn(effects).flatMap(({ id, secret }) => (secret === '' || secret === undefined ? [] : [id]))
  ]
}

/** What stands in headers that carry credentials, wherever in a message there are headers. */
function credentials(message: Members): string[] {
  return Object.entries(message).flatMap(([key, value]) => {
    if (key === 'headers' || key === 'responseHeaders') return headersIn(value).flatMap(inHeader)
    if (value instanceof Uint8Array) return []
    if (isMembers(value)) return credentials(value)
    return membersIn(value).flatMap(credentials)
  })
}

/** Headers are flat lists of names and values, or lists of edits. */
function headersIn(value: unknown): (readonly [name: string, value: string])[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown, index): [string, string][] => {
    if (isMembers(each)) return [[String(each.name), String(each.value)]]
    return index % 2 === 0 ? [[String(each), String(value[index + 1] ?? '')]] : []
  })
}

/** The whole value, and what in it is the secret by itself: a token, a password, the value of a cookie. */
function inHeader([name, value]: readonly [string, string]): string[] {
  const header = name.toLowerCase()
  if (!isCredential(header)) return []
  if (header.endsWith('cookie')) {
    const pairs = header === 'cookie' ? value.split(';') : [value.split(';')[0] ?? '']
    return [value, ...pairs.map(pair => pair.slice(pair.indexOf('=') + 1).trim())]
  }
  const [scheme = '', ...rest] = value.split(' ')
  const token = rest.join(' ').trim()
  if (scheme.toLowerCase() !== 'basic') return [value, token]
  const pair = Buffer.from(token, 'base64').toString('utf8')
  return [value, token, pair, pair.slice(pair.indexOf(':') + 1)]
}

function membersIn(value: unknown): Members[] {
  return Array.isArray(value) ? value.filter(isMembers) : []
}

/** A plugin may answer with anything. */
function decoded(decode: () => Members): Members {
  try {
    return decode()
  } catch {
    return {}
  }
}

function bytesOf(base64: string | undefined): Uint8Array {
  return Uint8Array.from(Buffer.from(base64 ?? '', 'base64'))
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
