import { createServer } from 'node:net'
import { GatewayError } from '../base/errors.js'

/**
 * uWebSockets.js shares a port with whoever else allows sharing, silently, and says nothing of why it cannot open one.
 * So the port is tried first the exclusive way. And it shares no port that it was to choose itself.
 * @returns the port; for 0, one that is free
 * @throws GatewayError GW_LISTEN_FAILED with the reason
 */
export function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', error => {
      const code = 'code' in error ? String(error.code) : ''
      const reason = REASONS[code] ?? error.message
      reject(new GatewayError('GW_LISTEN_FAILED', `cannot listen on ${host}:${port}: ${reason}`, { cause: error }))
    })
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'not allowed (ports below 1024 need a privilege)',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is not known'
}
