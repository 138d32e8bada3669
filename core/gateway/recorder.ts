import { Buffer } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { BlockList } from 'node:net'
import { type HeaderList, header, removeHeader } from '../base/headers.js'
import { calledHook } from '../base/hooks.js'
import { bodyPrefix } from '../plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry, type StepInput } from '../plugin-host/arena.js'
import { type Binding, bodyGrant } from '../plugin-host/binding.js'
import type { RecordedBinding, RecordedCall, Recording } from '../plugin-host/record/format.js'
import type { RecordMode } from '../plugin-host/record/mode.js'
import { isListed } from './block-list.js'
import { ExchangeRecording } from './recording.js'
import type { RecordingFolder } from './recording-folder.js'

export interface RecorderOptions {
  /** Share of all exchanges. */
  readonly sample: number
  readonly header:
    | { readonly name: string; readonly from: BlockList | undefined; readonly token: string | undefined }
    | undefined
  /** Whether exchanges in which a plugin fails are recorded. */
  readonly faults: boolean
}

/** What of an exchange is looked at, and where its recording is kept. */
export interface RecordableExchange {
  readonly id: string
  readonly request: { readonly method: string; readonly path: string; readonly headers: HeaderList }
  readonly clientIp: string
  readonly route: { readonly name: string } | undefined
  readonly status: number
  recording: ExchangeRecording | undefined
}

/** Decides which exchanges are recorded, and sees to it that they are. */
export class Recorder {
  constructor(
    private readonly options: RecorderOptions,
    private readonly bindings: readonly Binding[],
    private readonly folder: RecordingFolder,
    /** Hears of a recording that the exchange's line could not name any more. */
    private readonly onLate: (id: string, file: string) => void,
    private readonly chance: () => number = Math.random
  ) {}

  /** The route is known: whether the exchange is flagged or drawn. The flag goes no further. */
  begin(
    exchange: RecordableExchange,
    route: { readonly policies: readonly unknown[]; readonly phases: { readonly on_log: readonly unknown[] } }
  ): void {
    const flagged = this.flagged(exchange)
    if (route.policies.length === 0) return
    const { sample } = this.options
    if (!flagged && !(sample > 0 && this.chance() < sample)) return
    const recording = this.open(exchange, flagged ? 'flagged' : 'sampled')
    recording.promised = route.phases.on_log.length > 0 // it will have a call, whatever else happens
  }

  /** What the plugins' threads are to write down of the exchange's next phase. */
  modeOf({ recording }: RecordableExchange): RecordMode | undefined {
    if (recording !== undefined) return 'all'
    return this.options.faults ? 'faults' : undefined
  }

  /** Takes what the threads wrote down, and what is known of plugins whose thread was ended. */
  take(exchange: RecordableExchange, call: CallInput, entries: readonly Entry[]): void {
    const traced = new Set<number>()
    for (const { kind, binding, bytes } of entries) {
      if (kind !== ENTRY.trace) continue
      traced.add(binding)
      this.of(exchange).add(binding, bytes)
    }
    for (const { kind, binding, bytes } of entries) {
      if (kind !== ENTRY.fault || traced.has(binding)) continue
      const step = call.steps.find(each => each.binding === binding)
      if (step !== undefined) this.of(exchange).add(binding, this.lost(call, step, bytes))
    }
  }

  /**
   * The exchange is over, but for what is still `logged`: writes what there is of it.
   * @returns the work, when there may be some; it never rejects
   */
  keep(exchange: RecordableExchange, logged: Promise<void> | undefined): Promise<void> | undefined {
    if (exchange.recording === undefined && logged === undefined) return undefined
    return this.write(exchange, exchange.recording?.promised === true, logged)
  }

  private async write(exchange: RecordableExchange, told: boolean, logged: Promise<void> | undefined): Promise<void> {
    if (logged !== undefined) await logged
    const { recording } = exchange
    if (recording === undefined || !recording.promised) return
    const bindings = [...recording.bindings].flatMap(index => described(this.bindings[index]) ?? [])
    await this.folder.write(recording.file, recording.text(exchange.status, bindings))
    if (!told) this.onLate(exchange.id, recording.file)
  }

  private of(exchange: RecordableExchange): ExchangeRecording {
    return exchange.recording ?? this.open(exchange, 'fault')
  }

  private open(exchange: RecordableExchange, reason: Recording['reason']): ExchangeRecording {
    const { id, request, route } = exchange
    const time = new Date()
    const recording = new ExchangeRecording(this.folder.fileFor(id, time), reason, {
      id,
      time: time.toISOString(),
      route: route?.name ?? '',
      method: request.method,
      path: request.path
    })
    exchange.recording = recording
    return recording
  }

  private flagged({ request, clientIp }: RecordableExchange): boolean {
    const flag = this.options.header
    if (flag === undefined) return false
    const value = header(request.headers, flag.name)
    if (value === undefined) return false
    removeHeader(request.headers, flag.name)
    return isListed(clientIp, flag.from) || (flag.token !== undefined && sameText(value, flag.token))
  }

  /** The call of a plugin whose thread had to be ended: what it was given is known, what it did is not. */
  private lost(call: CallInput, { binding, input, effect }: StepInput, fault: Buffer): Buffer {
    const bound = this.bindings[binding]
    const sees = bound !== undefined && bodyGrant(bound.grants, call.hook) !== 'none' && call.body.length > 0
    const whole = sees ? [input, Buffer.from(bodyPrefix(call.body.length)), call.body] : [input]
    const recorded: RecordedCall = {
      binding,
      hook: calledHook(call.hook, effect),
      phase: call.hook,
      input: Buffer.concat(whole).toString('base64'),
      fault: fault.toString('utf8'),
      log: [],
      configure: [],
      served: 0,
      missing: 'host calls, and changes of the policies before it: the thread was ended'
    }
    return Buffer.from(JSON.stringify(recorded))
  }
}

function described(binding: Binding | undefined): RecordedBinding | undefined {
  if (binding?.origin === undefined) return undefined
  const { index, where, plugin, settings, limits, origin } = binding
  return { index, where, plugin, settings, limits, ...origin, secrets: [...origin.secrets] }
}

/** In a time that does not tell how much of it is right. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
