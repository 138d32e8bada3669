import { type ErrorCode, GatewayError, toGatewayError } from '../../base/errors.js'
import { ConfigError, type Problem } from '../../config/problems.js'
import { type Finding, NotReady } from '../../gateway/plan.js'

/** What both ends of a thread have: a worker, or its parentPort. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: Message) => void): unknown
}

type Message =
  | { readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: Failure }

/** Errors lose their class on the way. These are told apart by who catches them. */
type Failure =
  | { readonly code: ErrorCode; readonly message: string }
  | { readonly unready: readonly Finding[] }
  | { readonly wrong: readonly Problem[] }
  | { readonly range: string }

/** Methods that answer with promises: to be called from another thread as they are from their own. */
type Methods<T> = { readonly [K in keyof T]: (...args: never[]) => Promise<unknown> }

/**
 * Ties two threads together: each calls the methods of what the other offers. What they take and return is sent by
 * structured clone.
 * @param offered - asked for when the other side calls
 * @returns what the other side offers; its methods reject with NotReady, ConfigError, RangeError or GatewayError, as they do there
 */
export function connect<T extends Methods<T>>(port: Port, offered: () => object): T {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let count = 0
  port.on('message', message => {
    if ('call' in message) {
      void answer(offered(), message.name, message.args).then(reply =>
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
  return new Proxy({}, { get }) as T
}

async function answer(offered: object, name: string, args: readonly unknown[]): Promise<object> {
  try {
    const called: unknown = Reflect.get(offered, name)
    if (typeof called !== 'function') throw new Error(`no method ${name}`)
    return { value: await Reflect.apply(called, offered, args) }
  } catch (thrown) {
    if (thrown instanceof RangeError) return { failure: { range: thrown.message } }
    if (thrown instanceof NotReady) return { failure: { unready: thrown.problems } }
    if (thrown instanceof ConfigError) return { failure: { wrong: thrown.problems } }
    const { code, message } = toGatewayError(thrown)
    return { failure: { code, message } }
  }
}

function revived(failure: Failure): Error {
  if ('range' in failure) return new RangeError(failure.range)
  if ('wrong' in failure) return new ConfigError(failure.wrong)
  return 'unready' in failure ? new NotReady(failure.unready) : new GatewayError(failure.code, failure.message)
}
