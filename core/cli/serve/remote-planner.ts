import { Worker } from 'node:worker_threads'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import type { Problem } from '../../config/problems.js'
import type { Finding } from '../../gateway/plan.js'
import { connect } from './calls.js'
import { THREAD_FLAGS } from './loops.js'
import type { Planned, Planning, Served } from './planner.js'

/** After so long without a reload the thread is ended, milliseconds: others can use its memory. */
const IDLE_MS = 10_000

type Asked = Pick<Planning, 'plan' | 'refusal'>

/** Plans in a thread of its own: whatever is served meanwhile is served as before. One question at a time. */
export class RemotePlanner implements Planning {
  private thread: { readonly worker: Worker; readonly planner: Asked } | undefined
  private idle: NodeJS.Timeout | undefined
  /** Tells whoever waits that the thread died. */
  private lost: (error: GatewayError) => void = () => undefined

  plan(file: string, served: Served | undefined): Promise<Planned> {
    clearTimeout(this.idle)
    this.thread ??= this.start()
    this.thread.worker.ref()
    return this.answer(this.thread.planner.plan(file, served))
  }

  async refusal(problems: readonly Finding[]): Promise<readonly Problem[]> {
    if (this.thread === undefined) throw gone()
    return this.answer(this.thread.planner.refusal(problems))
  }

  done(): void {
    this.thread?.worker.unref() // with nothing to do, it does not keep the process
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref()
  }

  private start() {
    const worker = new Worker(new URL('./planner-thread.js', import.meta.url), { execArgv: THREAD_FLAGS })
    const died = (error: GatewayError) => {
      if (this.thread?.worker !== worker) return
      this.thread = undefined
      this.lost(error)
    }
    worker.once('error', thrown => died(toGatewayError(thrown)))
    worker.once('exit', () => died(gone()))
    return { worker, planner: connect<Asked>(worker, () => ({})) }
  }

  private answer<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.lost = reject
      answer.then(resolve, reject)
    })
  }

  private end(): void {
    const { thread } = this
    this.thread = undefined
    void thread?.worker.terminate()
  }
}

function gone(): GatewayError {
  return new GatewayError('GW_INTERNAL', 'the thread that reads the configuration is gone')
}
