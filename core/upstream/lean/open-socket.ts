import type { Buffer } from 'node:buffer'
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { UpstreamTlsFiles } from '../../config/tls-files.js'
import { serverNameFor, tlsOptions, wrongPin } from '../tls.js'

/** How the connections of one client are opened. */
export interface Opener {
  /**
   * @param buffer - what is received is put there, and overwritten by what comes next
   * @param receive - how much that is; false: nothing more before `resume`
   * @throws what `net.connect` does at once
   */
  open(buffer: Buffer, receive: (length: number) => boolean): Socket
  /** The event that says that it is open. */
  readonly opened: 'connect' | 'secureConnect'
  /** Why the server that was found may not be spoken to. */
  wrongServer(socket: Socket): Error | undefined
}

export function opener(origin: URL, lookup: LookupFunction | undefined, tls: UpstreamTlsFiles | undefined): Opener {
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  const secure = origin.protocol === 'https:'
  const place = { host, port: Number(origin.port) || (secure ? 443 : 80), ...(lookup !== undefined && { lookup }) }
  const onread = (buffer: Buffer, receive: (length: number) => boolean) => ({ onread: { buffer, callback: receive } })
  if (!secure) {
    return {
      open: (buffer, receive) => prepared(connectTcp({ ...place, ...onread(buffer, receive) })),
      opened: 'connect',
      wrongServer: () => undefined
    }
  }
  const options = { ...place, ...tlsOptions(tls), servername: serverNameFor(host, tls), ALPNProtocols: ['http/1.1'] }
  let session: Buffer | undefined
  let context: SecureContext | undefined
  return {
    open: (buffer, receive) => {
      context ??= createSecureContext(options) // half a millisecond, which else each connection costs
      const resumed = session === undefined ? {} : { session }
      const socket = connectTls({ ...options, ...resumed, secureContext: context, ...onread(buffer, receive) })
      // With settings of its own, not: a resumed session would not show its certificate again.
      if (tls === undefined) {
        socket.on('session', (given: Buffer) => {
          session = given
        })
      }
      return prepared(socket)
    },
    opened: 'secureConnect',
    wrongServer: socket => (tls !== undefined && socket instanceof TLSSocket ? wrongPin(socket, tls) : undefined)
  }
}

function prepared(socket: Socket): Socket {
  return socket.setNoDelay(true).setKeepAlive(true, 60_000)
}
