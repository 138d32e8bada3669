import { connect } from 'node:net'
import { type BodySink, SOURCE_BUFFER_BYTES } from '../../base/body.js'
import { hasStatus, type ProbeConfig } from '../../config/resolve-upstream.js'
import type { Clock } from '../clock.js'
import { type Cancellable, type HttpClient, sendBy } from '../http.js'

/** One probe. Never rejects: it resolves with why it failed, or undefined when it passed. */
export type Probe = () => Promise<string | undefined>

/**
 * Asks by HTTP, each time on a connection of its own: those of the requests may all be taken, and a target that takes no new ones
 * is not well.
 */
export function httpProbe(
  client: HttpClient,
  http: NonNullable<ProbeConfig['http']>,
  timeoutMs: number,
  clock: Clock
): Probe {
  const timeouts = { connect: timeoutMs, headers: timeoutMs + 1_000, idle: timeoutMs + 1_000 }
  return async () => {
    let call: Cancellable | undefined
    let late = false
    const stop = clock.after(timeoutMs, () => {
      late = true
      call?.cancel()
    })
    try {
      // Over HTTP/2 too it means the connection, and is not sent.
      const headers = ['user-agent', 'sluice-probe', 'connection', 'close']
      if (http.host !== undefined) headers.push('host', http.host)
      const request = { method: http.method, target: http.path, headers, body: undefined }
      const { status, body } = await sendBy(client, request, timeouts, started => {
        call = started
      })
      if (!Buffer.isBuffer(body)) {
        await new Promise<void>((resolve, reject) => body.pipe(drain(resolve, reject, () => call?.cancel())))
      }
      return hasStatus(http.statuses, status) ? undefined : `the probe was answered ${status}`
    } catch (thrown) {
      if (late) return `the probe took longer than ${timeoutMs} ms`
      return `the probe failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`
    } finally {
      stop()
    }
  }
}

/** Takes a reply's body and forgets it. One that is long is not waited for: the head is what was asked for. */
function drain(done: () => void, failed: (error: Error) => void, cancel: () => void): BodySink {
  let bytes = 0
  return {
    write: chunk => {
      bytes += chunk.length
      if (bytes > SOURCE_BUFFER_BYTES) {
        done()
        cancel()
      }
      return true
    },
    end: done,
    fail: failed
  }
}

/** Opens a connection and closes it. */
export function tcpProbe(url: string, timeoutMs: number, clock: Clock): Probe {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return () =>
    new Promise(resolve => {
      const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) })
      const stop = clock.after(timeoutMs, () => end(`no connection within ${timeoutMs} ms`))
      const end = (reason: string | undefined): void => {
        stop()
        socket.destroy()
        resolve(reason)
      }
      socket.once('connect', () => end(undefined))
      socket.once('error', error => end(`no connection: ${error.message}`))
    })
}
