import { join } from 'node:path'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { AiVerdict, DeltaInput } from '../../core/plugin-host/abi.js'
import type { PluginInstance } from '../../core/plugin-host/instance.js'
import { instanceAlone } from '../../core/plugin-host/instance-alone.js'
import { ROOT } from '../plugin-sdk/guest.js'

const FOLDER = join(ROOT, 'plugins/ai-topic-filter')

/** The pieces of a refusal that go out, and whether the answer ended there. */
async function refused(instance: PluginInstance, pieces: readonly string[]): Promise<[string, boolean]> {
  let out = ''
  let state: Uint8Array = new Uint8Array()
  for (const refusal of pieces) {
    const input = DeltaInput.encode({ refusal, context: { state } }).finish()
    const verdict = AiVerdict.decode(Uint8Array.from(await instance.call('on_delta', input)))
    if (!verdict.drop) out += refusal
    if (verdict.stop) return [`${out}|${verdict.text}`, true]
    state = verdict.verdict?.state ?? state
  }
  return [out, false]
}

t.test('a refusal that comes in pieces is looked at like an answer', async t => {
  await buildPlugin(FOLDER, { quiet: true })
  const instance = await instanceAlone(FOLDER, { deny: ['weapons'], answers: true, replacement: 'No.' })
  t.strictSame(await refused(instance, ['I will ', 'not build ', 'a pipe b', 'omb, first']), [
    'I will not build a pipe b|No.',
    true
  ])
  t.strictSame(await refused(instance, ['I ', 'cannot ', 'help.']), ['I cannot help.', false])
})
