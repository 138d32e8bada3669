import { readCases } from './case.js'
import { CONVENTIONS } from './conventions.js'
import { type Guest, loadGuest } from './guest.js'
import { ROOT } from './messages.js'
import { playCase } from './play.js'

export const CASES = `${ROOT}plugin-sdk/conformance/cases`

export interface Result {
  readonly title: string
  /** undefined: the guest does not export a hook of the case, which it need not. Empty: it passes. */
  readonly problems: readonly string[] | undefined
}

/**
 * Plays every case on the guest in `file`.
 * @throws GatewayError GW_PLUGIN_INVALID when the host would not take the module; Error when a case is malformed
 */
export async function conformance(file: string, folder = CASES): Promise<Result[]> {
  const guest = await loadGuest(file)
  const results: Result[] = []
  for (const [title, check] of CONVENTIONS) results.push({ title, problems: await attempt(() => check(guest)) })
  for (const [subject, cases] of readCases(folder)) {
    for (const each of cases) {
      const title = `${subject}: ${each.title}`
      const missing = each.steps.some(({ hook }) => !guest.hooks.includes(hook))
      results.push({ title, problems: missing ? undefined : await attempt(() => playCase(guest, each)) })
    }
  }
  return results
}

/** A guest that fails where no case expects it fails the case, and no other. */
async function attempt(play: () => Promise<string[]>): Promise<string[]> {
  try {
    return await play()
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)]
  }
}

export type { Guest }
