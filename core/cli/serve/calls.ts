import { type ErrorCode, GatewayError, toGatewayError } from '../../base/errors.js'
import { NotReady, type Unready } from '../../gateway/plan.js'

/** What both ends of a thread have: a worker, or its parentPort. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: Message) => void): unknown
}

/** Functions one side offers the other. What they take and return is sent by structured clone. */
// biome-ignore lint/suspicious/noExplicitAny: functions of every kind; their own types hold at each end
export type Offered = Record<string, (...args: any[]) => unknown>

type Message =
  | { readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: Failure }

/** Errors lose their class on the way. These are told apart by who catches them. */
type Failure =
  | { readonly code: ErrorCode; readonly message: string }
  | { readonly unready: readonly Unready[] }
  | { readonly range: string }

/** The functions of the other side. */
export type Remote<F extends Offered> = {
  [K in keyof F]: (...args: Parameters<F[K]>) => Promise<Awaited<ReturnType<F[K]>>>
}

/**
 * Ties two threads together: each calls the functions the other offers.
 * @returns the other side's; they reject with NotReady, RangeError or GatewayError, as those reject
 */
export function connect<F extends Offered>(port: Port, offered: Offered): Remote<F> {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let count = 0
  port.on('message', message => {
    if ('call' in message) {
      void answer(offered, message.name, message.args).then(reply =>
        port.postMessage({ answer: message.call, ...reply })
      )
      return
    }
    const waiting = pending.get(message.answer)
    pending.delete(message.answer)
    if ('failure' in message) waiting?.reject(revived(message.failure))
    else waiting?.resolve(message.value)
  })
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      count++
      pending.set(count, { resolve, reject })
      port.postMessage({ call: count, name, args })
    })
  const get = (_: object, name: string | symbol) =>
    name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args) // no promise, though it is awaited
  // The other side runs this same build, so what it offers has the types it says.
  return new Proxy({}, { get }) as Remote<F>
}

async function answer(offered: Offered, name: string, args: readonly unknown[]): Promise<object> {
  try {
    const called = Object.hasOwn(offered, name) ? offered[name] : undefined
    if (called === undefined) throw new Error(`no function ${name}`)
    return { value: await called(...args) }
  } catch (thrown) {
    if (thrown instanceof RangeError) return { failure: { range: thrown.message } }
    if (thrown instanceof NotReady) return { failure: { unready: thrown.problems } }
    const { code, message } = toGatewayError(thrown)
    return { failure: { code, message } }
  }
}

function revived(failure: Failure): Error {
  if ('range' in failure) return new RangeError(failure.range)
  return 'unready' in failure ? new NotReady(failure.unready) : new GatewayError(failure.code, failure.message)
}
