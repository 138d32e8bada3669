import { isDeepStrictEqual } from 'node:util'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { Exchange } from '../../gateway/exchange.js'
import type { Case, Expectation, ExpectedReply, ExpectedRequest } from './case.js'
import { bodyOf, jsonOrText } from './case-body.js'
import { exchangeOf, givenReply } from './case-exchange.js'
import { valuesOf } from './compare.js'
import type { Played } from './play.js'

/**
 * What came out of a case, as an expectation: a reply whole, a request or response that went on only in what the policy
 * changed; and what the policy asked for and logged.
 * @param before - what was expected so far: what it names is named again, changed or not
 */
export function expectationOf(given: Case, played: Played, before?: Expectation): Expectation {
  const { effects, logged } = played
  return {
    ...endOf(given, played, before),
    ...(effects.length > 0 && { effects: [...effects] }),
    ...(logged.length > 0 && { logged: [...logged] })
  }
}

function endOf(given: Case, { exchange, early, response, ai }: Played, before?: Expectation): Expectation {
  const came = exchangeOf(given)
  if (early !== undefined)
    return { reply: { ...wholeReply(early, before?.reply ?? {}), ...tags(came, exchange, before?.reply?.tags) } }
  if (ai !== undefined) return { ai: { ...ai, ...tags(came, exchange, before?.ai?.tags) } }
  const request = changedRequest(came, exchange, before?.request ?? {}, response === undefined)
  const expected: Expectation = { next: true, ...(Object.keys(request).length > 0 && { request }) }
  if (response === undefined) return expected
  const seen = before?.response
  const change = {
    ...changedReply(givenReply(given, came), response, seen ?? {}),
    ...tags(came, exchange, seen?.tags)
  }
  // A response that nobody touched is said by its status.
  return { ...expected, response: Object.keys(change).length > 0 ? change : { status: response.status } }
}

function wholeReply({ status, headers, body }: Reply, before: ExpectedReply): ExpectedReply {
  const names = [...new Set([...Object.keys(before.headers ?? {}), ...namesOf(headers)])]
  const bytes = bodyOf(body)
  return {
    status,
    ...(names.length > 0 && {
      headers: Object.fromEntries(names.map(name => [name, oneOrAll(valuesOf(headers, name.toLowerCase()))]))
    }),
    ...((before.body !== undefined || bytes.length > 0) && { body: jsonOrText(bytes) })
  }
}

const PARTS = ['method', 'path', 'query'] as const
const CHOICES = ['upstream', 'consumer'] as const

function changedRequest(came: Exchange, went: Exchange, before: ExpectedRequest, withTags: boolean): ExpectedRequest {
  const parts = PARTS.filter(part => before[part] !== undefined || came.request[part] !== went.request[part])
  const choices = CHOICES.filter(part => before[part] !== undefined || came[part] !== went[part])
  const headers = changedHeaders(came.request.headers, went.request.headers, before.headers)
  const [bodyIn, body] = [bodyOf(came.body), bodyOf(went.body)]
  return {
    ...Object.fromEntries(parts.map(part => [part, went.request[part]])),
    ...(headers && { headers }),
    ...((before.body !== undefined || !bodyIn.equals(body)) && { body: jsonOrText(body) }),
    ...Object.fromEntries(choices.map(part => [part, went[part]])),
    ...(withTags || before.tags !== undefined ? tags(came, went, before.tags) : {})
  }
}

function changedReply(came: Reply, went: Reply, before: ExpectedReply): ExpectedReply {
  const headers = changedHeaders(came.headers, went.headers, before.headers)
  const [bodyIn, body] = [bodyOf(came.body), bodyOf(went.body)]
  return {
    ...((before.status !== undefined || came.status !== went.status) && { status: went.status }),
    ...(headers && { headers }),
    ...((before.body !== undefined || !bodyIn.equals(body)) && { body: jsonOrText(body) })
  }
}

/** Headers that came, went or changed; null for those that are gone. */
function changedHeaders(
  came: HeaderList,
  went: HeaderList,
  before: ExpectedReply['headers']
): ExpectedReply['headers'] {
  const asked = Object.keys(before ?? {})
  const names = new Set([...asked, ...namesOf(came), ...namesOf(went)])
  const changed = [...names].filter(
    name => asked.includes(name) || !isDeepStrictEqual(valuesOf(came, name), valuesOf(went, name))
  )
  if (changed.length === 0) return undefined
  return Object.fromEntries(changed.map(name => [name, oneOrAll(valuesOf(went, name.toLowerCase()))]))
}

function tags(came: Exchange, went: Exchange, before: ExpectedReply['tags']): Pick<ExpectedReply, 'tags'> {
  const asked = Object.keys(before ?? {})
  const names = new Set([...asked, ...namesOf(went.tags)])
  const changed = [...names].filter(
    name => asked.includes(name) || !isDeepStrictEqual(valuesOf(came.tags, name), valuesOf(went.tags, name))
  )
  if (changed.length === 0) return {}
  return { tags: Object.fromEntries(changed.map(name => [name, valuesOf(went.tags, name).at(-1) ?? null])) }
}

function namesOf(list: HeaderList): string[] {
  return [...new Set(list.filter((_, i) => i % 2 === 0))]
}

function oneOrAll(values: string[]): string | string[] | null {
  const [one] = values
  return values.length > 1 ? values : (one ?? null)
}
