import uWS, { type TemplatedApp } from 'uWebSockets.js'

/**
 * Listens on loopback; ends the process when the port is taken.
 * uWebSockets.js would add a header with its own name to every reply; Sluice removes it, so its peers here do too.
 */
export function listen(app: TemplatedApp, port: number): void {
  const configure: unknown = Reflect.get(uWS, '_cfg')
  if (typeof configure === 'function') configure('silent')
  app.listen('127.0.0.1', port, socket => {
    if (socket !== false) return
    console.error(`port ${port} is in use`)
    process.exit(1)
  })
}
