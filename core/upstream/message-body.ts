import type { IncomingMessage } from 'node:http'
import type { BodySink, BodySource } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { upstreamError } from './errors.js'

/**
 * The body of a reply of Node's own HTTP client, the last on its connection.
 * @param idleMs - how long it may be silent
 */
export function messageBody(message: IncomingMessage, target: string, idleMs: number): BodySource {
  const { socket } = message // the request's own `destroy` leaves a connection that was asked to be kept
  const destroy = (): void => {
    socket.destroy()
  }
  const announced = Number(message.headers['content-length'])
  let sink: BodySink | undefined
  let error: GatewayError | undefined
  const fail = (reason: GatewayError): void => {
    if (error !== undefined) return
    error = reason
    sink?.fail(reason)
  }
  message.setTimeout(idleMs, () => {
    fail(new GatewayError('GW_UPSTREAM_TIMEOUT', `${target}: the body fell silent`))
    destroy()
  })
  message.on('end', destroy)
  if (announced === 0) message.resume() // nobody takes an empty body
  message.on('error', thrown => fail(upstreamError(target, thrown, false)))
  return {
    length: Number.isSafeInteger(announced) ? announced : undefined,
    takeWhole: () => undefined,
    pipe: to => {
      sink = to
      if (error !== undefined) return to.fail(error)
      message.on('data', chunk => {
        if (!to.write(chunk)) message.pause()
      })
      message.on('end', () => to.end())
    },
    resume: () => message.resume(),
    cancel: destroy
  }
}
