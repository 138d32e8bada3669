import type { TargetReport, UpstreamReport } from '../upstream/report.js'
import type { TargetChange } from '../upstream/target.js'
import { type AdminAction, type AdminReply, json } from './server.js'

/** What operators see and change of the upstreams, those of all event loops together. */
export interface UpstreamsAdmin {
  readonly reports: () => Promise<readonly UpstreamReport[]>
  /** Changes a target wherever it is served. */
  readonly change: (upstream: string, url: string, change: TargetChange) => Promise<void>
}

/**
 * /upstreams: GET shows how every target is doing. POST changes weights, and whether targets are drained, until the process ends or the
 * configured weight is edited. Its body is `{ "upstream", "targets": [{ "url", "weight", "drain" }] }`; targets it does not name stay as
 * they are, a weight of null is the configured one again. All of it is done or, when anything is wrong, nothing.
 */
export function upstreamsPage(admin: UpstreamsAdmin): AdminAction {
  return {
    get: async () => json(200, { upstreams: await admin.reports() }),
    post: body => change(admin, body)
  }
}

async function change({ reports, change }: UpstreamsAdmin, body: unknown): Promise<AdminReply> {
  const { upstream: name, ...rest } = isRecord(body) ? body : {}
  const find = async () => (await reports()).find(each => each.name === name)
  const upstream = await find()
  if (upstream === undefined) return problem(`There is no upstream ${JSON.stringify(name)}; ${EXPECTED}.`)
  const changes = readChanges(rest, upstream.targets)
  if (typeof changes === 'string') return problem(changes)
  for (const { url, ...what } of changes) await change(upstream.name, url, what)
  return json(200, await find())
}

const EXPECTED = 'expected { "upstream": …, "targets": [{ "url": …, "weight": …, "drain": … }] }'
const MAX_WEIGHT = 65_535

type Change = TargetChange & { readonly url: string }

/** The changes a body asks for, or what is wrong with it. */
function readChanges(value: Record<string, unknown>, known: readonly TargetReport[]): Change[] | string {
  const list = Object.keys(value).length === 1 ? value.targets : undefined
  if (!Array.isArray(list) || list.length === 0) return `The body is not what it should be; ${EXPECTED}.`
  const changes: Change[] = []
  for (const [i, entry] of list.entries()) {
    const found = readChange(entry, `targets[${i}]`, known)
    if (typeof found === 'string') return found
    changes.push(found)
  }
  return changes
}

function readChange(entry: unknown, at: string, known: readonly TargetReport[]): Change | string {
  if (!isRecord(entry)) return `${at} is no object; ${EXPECTED}.`
  const { url, weight, drain, ...others } = entry
  const [other] = Object.keys(others)
  if (other !== undefined) return `${at} has the unknown key ${JSON.stringify(other)}; ${EXPECTED}.`
  if (typeof url !== 'string' || !known.some(target => target.url === url)) {
    const urls = known.map(target => target.url).join(', ')
    return `${at}.url is no target of this upstream; expected one of ${urls || 'none: it has no targets'}.`
  }
  if (weight !== undefined && weight !== null && !isWeight(weight)) {
    return `${at}.weight is wrong; expected a whole number from 0 to ${MAX_WEIGHT}, or null for the configured one.`
  }
  if (drain !== undefined && typeof drain !== 'boolean') return `${at}.drain is wrong; expected true or false.`
  if (weight === undefined && drain === undefined) return `${at} changes nothing; expected "weight", "drain" or both.`
  return { url, ...(weight !== undefined && { weight }), ...(drain !== undefined && { drain }) }
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_WEIGHT
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function problem(error: string): AdminReply {
  return json(400, { error })
}
