import { parentPort, workerData } from 'node:worker_threads'
import type { ListenConfig } from '../../config/resolve-listen.js'
import type { DeprecatedCalls } from '../../gateway/deprecation-report.js'
import type { Plan } from '../../gateway/plan.js'
import { createLog, type LogLevel } from '../../observe/log.js'
import type { Purge } from '../../traffic/cache/http-cache.js'
import type { TargetChange } from '../../upstream/target.js'
import { connect, type Offered } from './calls.js'
import { type EventLoop, Loop } from './loop.js'
import { remoteStore, type StoreFunctions } from './remote-store.js'

/** What a loop's thread is started with. */
export interface LoopData {
  readonly index: number
  readonly count: number
  readonly counted: boolean
  readonly shared: SharedArrayBuffer
  readonly logLevel: LogLevel
}

/** The functions a loop's thread offers: those of its Loop. */
export function offer(loop: EventLoop) {
  return {
    open: (plan: Plan, pluginThreads: number) => loop.open(plan, pluginThreads),
    discard: () => loop.discard(),
    swap: () => loop.swap(),
    listen: (listen: readonly ListenConfig[], shared: boolean) => loop.listen(listen, shared),
    ping: () => loop.ping(),
    measured: () => loop.measured(),
    deprecatedCalls: () => loop.deprecatedCalls(),
    deprecations: (calls: DeprecatedCalls) => loop.deprecations(calls),
    upstreams: () => loop.upstreams(),
    resilience: () => loop.resilience(),
    purge: (what: Purge, soft: boolean) => loop.purge(what, soft),
    changeTarget: (upstream: string, url: string, change: TargetChange) => loop.changeTarget(upstream, url, change),
    drain: (deadlineMs: number) => loop.drain(deadlineMs)
  }
}

if (parentPort !== null) {
  const { logLevel, ...data }: LoopData = workerData
  const functions: Offered = {}
  const memory = remoteStore(connect<StoreFunctions>(parentPort, functions))
  Object.assign(functions, offer(new Loop({ ...data, log: createLog(logLevel), memory })))
}
