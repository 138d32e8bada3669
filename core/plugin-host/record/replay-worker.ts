import { Buffer } from 'node:buffer'
import { parentPort, workerData } from 'node:worker_threads'
import { isAiHook, type PhaseHook } from '../../base/hooks.js'
import { readAiVerdict } from '../ai-verdict.js'
import { encodeFault, PluginFault } from '../fault.js'
import { encodeLine } from '../functions/log-fields.js'
import type { Log } from '../host-functions.js'
import { PluginInstance } from '../instance.js'
import { configure } from '../instance-cache.js'
import { type Judged, readVerdict } from '../verdict.js'
import type { HostCall } from './format.js'
import type { ReplayData, Replayed, ReplayMessage } from './replay.js'
import { ReplayTape } from './replay-tape.js'
import { Secrets } from './secrets.js'

const data: ReplayData = workerData
tell(await replay(data))

/** The hook of the recorded call, as chain.ts runs it. */
async function replay({ binding, module, call, secrets }: ReplayData): Promise<Replayed> {
  let log: string[] = []
  let output: Uint8Array | undefined
  let fault: string | undefined
  const tapes: ReplayTape[] = []
  const hidden = new Secrets(secrets)
  try {
    const write: Log = (...line) => log.push(encodeLine(...line).toString('utf8'))
    const instance = await PluginInstance.create(binding, module, write, { mayTape: true })
    const play = (calls: readonly HostCall[]): void => {
      const tape = new ReplayTape(calls, () => instance.spendHostCall(), hidden)
      tapes.push(tape)
      instance.tape = tape
    }
    play(call.configure)
    if (binding.hooks.includes('on_configure')) await configure(instance, binding)
    instance.tape = undefined
    log = []
    if (call.host !== undefined) play(call.host)
    tell('begins')
    const input = Buffer.from(call.input ?? '', 'base64')
    const bodyAt = input.length - (call.bodyBytes ?? 0)
    output = Uint8Array.from(await instance.call(call.hook, input.subarray(0, bodyAt), input.subarray(bodyAt)))
    if (output.length > 0) judge(output, binding, call.phase)
  } catch (thrown) {
    fault = encodeFault(
      thrown instanceof PluginFault
        ? thrown
        : new PluginFault('trap', thrown instanceof Error ? thrown.message : String(thrown))
    ).toString('utf8')
  }
  return { output, fault, log, host: tapes.flatMap(tape => tape.notes()) }
}

/** @throws PluginFault for a verdict that the gateway would refuse */
function judge(output: Uint8Array, binding: Judged, phase: PhaseHook): void {
  if (isAiHook(phase)) readAiVerdict(output, binding, phase)
  else readVerdict(output, binding, phase)
}

function tell(message: ReplayMessage): void {
  parentPort?.postMessage(message)
}
