import { isDeepStrictEqual } from 'node:util'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { isRecord } from '../../config/json.js'
import type { Exchange } from '../../gateway/exchange.js'
import type { Expectation, ExpectedReply, ExpectedRequest } from './case.js'
import type { ExpectedAi } from './case-ai.js'
import { bodyOf } from './case-body.js'
import type { Played } from './play.js'
import type { PlayedAi } from './play-ai.js'

/** What differs from what the case expects, one sentence each. */
export function compare(expect: Expectation, played: Played): string[] {
  const unasked = played.unasked.map(id => `the case answers "${id}", which the policy did not ask for`)
  return [
    ...compareEnd(expect, played),
    ...compareList('what the policy asked for', played.effects, expect.effects),
    ...compareList('what the policy logged', played.logged, expect.logged),
    ...unasked
  ]
}

function compareList(what: string, actual: readonly unknown[], expected: readonly unknown[] | undefined): string[] {
  return expected === undefined || contains(actual, expected) ? [] : [differs(what, actual, expected)]
}

function compareEnd(expect: Expectation, { exchange, early, response, ai }: Played): string[] {
  const problems: string[] = []
  if (expect.reply !== undefined) {
    if (early === undefined) return ['the policy let the request go on, expected a reply']
    return compareReply('reply', expect.reply, early, exchange.tags)
  }
  if (early !== undefined)
    return [`the policy replied ${early.status} ${bodyOf(early.body).toString('utf8')}, expected the request to go on`]
  if (expect.request !== undefined) problems.push(...compareRequest(expect.request, exchange))
  if (expect.ai !== undefined) problems.push(...compareAi(expect.ai, ai, exchange.tags))
  if (expect.response !== undefined) {
    if (response === undefined) problems.push('the case expects a response but gives none')
    else problems.push(...compareReply('response', expect.response, response, exchange.tags))
  }
  return problems
}

function compareAi({ tags, ...expected }: ExpectedAi, actual: PlayedAi | undefined, given: HeaderList): string[] {
  if (actual === undefined) return ['the case expects something of AI traffic but gives none']
  const problems = Object.entries(expected).flatMap(([part, wanted]) => {
    const value: unknown = Reflect.get(actual, part)
    const fits = contains(part === 'toolCalls' ? parsedCalls(value) : value, parsedCalls(wanted))
    return fits ? [] : [differs(`the ${part} of the AI traffic`, value, wanted)]
  })
  return [...problems, ...compareTags(tags, given)]
}

/** Arguments of calls as the JSON they are, where they are. */
function parsedCalls(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((call: unknown) => {
    if (!isRecord(call) || typeof call.arguments !== 'string') return call
    try {
      return { ...call, arguments: JSON.parse(call.arguments) }
    } catch {
      return call
    }
  })
}

function compareRequest(expected: ExpectedRequest, exchange: Exchange): string[] {
  const { request } = exchange
  const actual: Record<string, string> = {
    method: request.method,
    path: request.path,
    query: request.query,
    upstream: exchange.upstream,
    consumer: exchange.consumer
  }
  const problems = Object.entries(actual).flatMap(([part, value]) => {
    const wanted: unknown = Reflect.get(expected, part)
    return wanted === undefined || wanted === value ? [] : [differs(`request ${part}`, value, wanted)]
  })
  problems.push(...compareHeaders('request', expected.headers, request.headers))
  if (expected.body !== undefined) problems.push(...compareBody('request', expected.body, bodyOf(exchange.body)))
  problems.push(...compareTags(expected.tags, exchange.tags))
  return problems
}

function compareReply(what: string, expected: ExpectedReply, actual: Reply, tags: HeaderList): string[] {
  const problems: string[] = []
  if (expected.status !== undefined && expected.status !== actual.status) {
    problems.push(differs(`${what} status`, actual.status, expected.status))
  }
  problems.push(...compareHeaders(what, expected.headers, actual.headers))
  if (expected.body !== undefined) problems.push(...compareBody(what, expected.body, bodyOf(actual.body)))
  problems.push(...compareTags(expected.tags, tags))
  return problems
}

function compareHeaders(what: string, expected: ExpectedReply['headers'], actual: HeaderList): string[] {
  return Object.entries(expected ?? {}).flatMap(([name, wanted]) => {
    const values = valuesOf(actual, name.toLowerCase())
    if (wanted === null) return values.length === 0 ? [] : [differs(`${what} header ${name}`, values, 'absent')]
    const list = typeof wanted === 'string' ? [wanted] : wanted
    return isDeepStrictEqual(values, list) ? [] : [differs(`${what} header ${name}`, values, list)]
  })
}

function compareTags(expected: ExpectedReply['tags'], actual: HeaderList): string[] {
  return Object.entries(expected ?? {}).flatMap(([name, wanted]) => {
    const value = valuesOf(actual, name).at(-1) ?? null
    return value === wanted ? [] : [differs(`tag ${name}`, value ?? 'absent', wanted ?? 'absent')]
  })
}

function compareBody(what: string, expected: NonNullable<ExpectedReply['body']>, actual: Buffer): string[] {
  const text = actual.toString('utf8')
  if (typeof expected === 'string') return text === expected ? [] : [differs(`${what} body`, text, expected)]
  try {
    const json: unknown = JSON.parse(text)
    return contains(json, expected) ? [] : [differs(`${what} body`, json, expected)]
  } catch {
    return [differs(`${what} body`, text, expected)]
  }
}

/** Whether `actual` has everything `expected` has; lists must be of the same length. */
function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected)
  if (typeof actual !== 'object' || actual === null) return false
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && contains(Reflect.get(actual, key), value)
  )
}

/** The values of a name in a list of names and values. */
export function valuesOf(list: HeaderList, name: string): string[] {
  return list.filter((_, i) => i % 2 === 1 && list[i - 1] === name)
}

function differs(what: string, actual: unknown, expected: unknown): string {
  return `${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`
}
