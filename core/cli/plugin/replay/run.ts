import { readFileSync } from 'node:fs'
import { type RecordedCall, type Recording, readRecording } from '../../../plugin-host/record/format.js'
import { replayCall } from '../../../plugin-host/record/replay.js'
import { type Secrets, secretsOf } from '../../../plugin-host/record/secrets.js'
import { differences } from './compare.js'
import type { Plugins, Rebound } from './plugins.js'

/** What came of one recorded call. */
export interface CallReport {
  readonly hook: string
  readonly plugin: string
  readonly where: string
  readonly result: 'same' | 'differs' | 'skipped'
  readonly differences: readonly string[]
  /** What one should know to judge it. */
  readonly notes: readonly string[]
}

export interface FileReport {
  readonly file: string
  readonly reason: Recording['reason']
  readonly exchange: Recording['exchange']
  readonly calls: readonly CallReport[]
  readonly leftOut: number
}

/**
 * Makes every call of a recording again.
 * @throws Error that names the file, when it is not a recording; GatewayError GW_PLUGIN_INVALID
 */
export async function replayFile(file: string, plugins: Plugins): Promise<FileReport> {
  const recording = read(file)
  const bound = new Map<number, Rebound | undefined>()
  for (const each of recording.bindings) bound.set(each.index, await plugins.rebind(each))
  const calls: CallReport[] = []
  const secrets = secretsOf(recording)
  for (const call of recording.calls) calls.push(await replayOne(call, recording, bound.get(call.binding), secrets))
  const { reason, exchange, leftOut } = recording
  return { file, reason, exchange, calls, leftOut }
}

function read(file: string): Recording {
  try {
    return readRecording(readFileSync(file, 'utf8'))
  } catch (thrown) {
    throw new Error(`${file}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown })
  }
}

async function replayOne(
  call: RecordedCall,
  { bindings }: Recording,
  bound: Rebound | undefined,
  secrets: Secrets
): Promise<CallReport> {
  const recorded = bindings.find(({ index }) => index === call.binding)
  const about = {
    hook: call.hook === call.phase ? call.hook : `${call.hook} of ${call.phase}`,
    plugin: recorded?.plugin ?? '',
    where: recorded?.where ?? ''
  }
  const missing = call.missing === undefined ? [] : [`not in the recording: ${call.missing}`]
  if (bound === undefined || call.input === undefined) {
    const why = bound === undefined ? ['there is no such plugin here; say where it is: --plugin FOLDER'] : missing
    return { ...about, result: 'skipped', differences: [], notes: why }
  }
  const { binding, module, changed } = bound
  if (!binding.hooks.includes(call.hook)) {
    const gone = `the plugin has no ${call.hook} any more, or not with these settings`
    return { ...about, result: 'differs', differences: [gone], notes: changed === undefined ? [] : [changed] }
  }
  const different = differences(call, await replayCall({ binding, module, call, secrets: secrets.texts }), secrets)
  const notes = [...missing, ...(changed === undefined ? [] : [changed])]
  if (different.length > 0 && call.served > 0) notes.push(mayHaveKept(call.served))
  return { ...about, result: different.length === 0 ? 'same' : 'differs', differences: different, notes }
}

function mayHaveKept(served: number): string {
  return `its instance had up to ${served} calls before this one; a replay has a fresh instance, and what the plugin kept of them may be the difference`
}
