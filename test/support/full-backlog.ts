import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import { running } from '../command.js'

/** A server that listens and then never turns again: it accepts nobody, and nobody beyond its backlog is answered. */
const ASLEEP = `
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, 'port ' + server.address().port + '\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** What the kernel lets in beyond a backlog of one: it holds one more than it is told. */
const HELD = 2

/** An address where connections hang before they are open, until the test ends. Linux only: others refuse them. */
export async function fullBacklog(t: Test): Promise<string> {
  const server = await running(t, [process.execPath, '-e', ASLEEP], line => line.startsWith('port '))
  t.teardown(() => server.end('SIGKILL')) // it hears of no other signal
  const port = Number(server.lines[0]?.slice('port '.length))
  for (let i = 0; i < HELD; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
  }
  return `http://127.0.0.1:${port}`
}
