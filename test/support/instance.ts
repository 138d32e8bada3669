import { fileURLToPath } from 'node:url'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { RequestInput, Verdict } from '../../core/plugin-host/abi.js'
import type { PluginInstance } from '../../core/plugin-host/instance.js'
import { instanceAlone } from '../../core/plugin-host/instance-alone.js'

/** What a request is made of; `nowMs` is the time at which it comes. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  /** Flat: name, value, … in lower case. */
  readonly headers?: string[]
  readonly nowMs?: number
  readonly clientIp?: string
}

/** One of the plugins that come with Sluice, in the real host but on this thread. */
export class Policy {
  private constructor(private readonly instance: PluginInstance) {}

  /** @throws Error when the plugin refuses the settings */
  static async of(name: string, given: object, shared?: SharedArrayBuffer): Promise<Policy> {
    const folder = fileURLToPath(new URL(`../../../plugins/${name}`, import.meta.url))
    await buildPlugin(folder, { quiet: true })
    return new Policy(await instanceAlone(folder, given, { shared }))
  }

  /** A request's body as it was buffered. */
  async sendBody(body: Uint8Array, headers: string[]): Promise<Verdict> {
    const input = RequestInput.encode({ request: { method: 'POST', path: '/', headers }, body }).finish()
    return Verdict.decode(Uint8Array.from(await this.instance.call('on_request_body', input)))
  }

  async send(sent: Sent): Promise<Verdict> {
    const { method = 'GET', path = '/', query = '', headers = [], nowMs = Date.now(), clientIp = '' } = sent
    const input = RequestInput.encode({
      context: { nowMs },
      request: { method, scheme: 'http', host: 'example.com', path, query, headers, clientIp }
    }).finish()
    return Verdict.decode(Uint8Array.from(await this.instance.call('on_request', input)))
  }
}
