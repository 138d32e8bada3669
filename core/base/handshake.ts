import { allValues, type HeaderList } from './headers.js'
import type { RequestHead } from './http.js'
import type { Handshake } from './websocket.js'

/** The opening handshake (RFC 6455 §4.1) in `head`; undefined: it is a request that only looks a little like one. */
export function readHandshake({ method, headers }: RequestHead): Handshake | undefined {
  if (method !== 'GET' || !asksForWebSocket(headers) || !asksToSwitch(headers)) return undefined
  return handshakeFields(headers)
}

export function handshakeFields(headers: HeaderList): Handshake {
  return {
    protocols: allValues(headers, 'sec-websocket-protocol'),
    version: allValues(headers, 'sec-websocket-version'),
    key: allValues(headers, 'sec-websocket-key')
  }
}

export function asksForWebSocket(headers: HeaderList): boolean {
  return lists(headers, 'upgrade', 'websocket')
}

/** Whether Connection says that Upgrade is meant for who reads it (RFC 9110 §7.8). */
export function asksToSwitch(headers: HeaderList): boolean {
  return lists(headers, 'connection', 'upgrade')
}

function lists(headers: HeaderList, name: string, token: string): boolean {
  const value = allValues(headers, name)
  if (value === '') return false
  return value
    .toLowerCase()
    .split(',')
    .some(each => each.trim() === token)
}
