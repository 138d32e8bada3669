import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { ROOT, running } from '../command.js'
import { pluginFolders } from '../support/plugins.js'
import { configFile, type LogLine, type SluiceConfig } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'
import { guest, verdictAt } from '../support/wat.js'
import { type Load, STEADY, startLoad } from './load.js'
import type { Report } from './preload.js'

/** What a stall of the event loop may last, milliseconds: the acceptance bar. */
const BAR_MS = 25
const ATTEMPTS = 3
/** What every other route must have served before an attack counts as survived. */
const MIN_SERVED = 20

export interface Given {
  /** The hostile plugins. */
  readonly plugins: Parameters<typeof pluginFolders>[1]
  /** What attacks: the policies of each route, by name; requests to /NAME/… take it. */
  readonly routes: Readonly<Record<string, readonly object[]>>
  /** AI routes that are attacked, likewise. */
  readonly ai?: Readonly<Record<string, readonly object[]>>
  readonly grants?: Parameters<typeof pluginFolders>[2]
  /** Other sections of the configuration. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly upstreams?: SluiceConfig['upstreams']
  /** Names of routes that go to one of `upstreams`. */
  readonly elsewhere?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The error code of a problem document; '' for other replies. */
  readonly code: string
}

/** A gateway under attack, with a steady load on its other routes. */
export interface Field {
  /** A request to a route under attack. What an error says is checked to give away nothing. */
  get(path: string, init?: RequestInit): Promise<Answer>
  /** How many requests whose path begins so have reached the upstream. */
  upstreamSaw(prefix: string): number
  /** Lines of the gateway's log so far, access lines aside. */
  readonly log: readonly LogLine[]
  /** Resolves with the first line for which `is` holds. */
  logged(is: (line: LogLine) => boolean): Promise<LogLine>
  /** Adds plugins and routes to the first configuration and has it read again. @returns what the log says of that */
  reload(added: { readonly plugins?: object; readonly routes?: readonly object[] }): Promise<LogLine>
  /**
   * Runs an attack, and checks what the suite is for: meanwhile every other request was served, and the event loop never stood
   * still for long.
   */
  during(t: Test, what: string, attack: () => Promise<unknown>): Promise<Report>
}

/** What no client may be told: places, names and words of the inside. */
const INSIDE =
  /routes\[|policies|plugin\.json|\.wasm|file:|node:|at .*:\d+:\d+|\/(?:tmp|home|root|usr|proc)\/|unreachable|RuntimeError/

/** `sluice serve` in a process of its own, whose event loop nothing of the test shares, and the load on it. */
export async function field(t: Test, given: Given): Promise<Field> {
  const seen = new Map<string, number>()
  const upstream = await httpUpstream(t, (request, response) => {
    const [, name = ''] = request.url?.split('/') ?? []
    seen.set(name, (seen.get(name) ?? 0) + 1)
    request.resume().on('end', () => response.end(`${request.url} ${request.headers['x-steady'] ?? STEADY.plain}`))
  })
  const config = {
    listen: { port: 0 },
    log: { access: false },
    watch: false,
    pluginThreads: 1,
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, ...given.upstreams },
    plugins: { ...pluginFolders(t, given.plugins, given.grants), ...pluginFolders(t, { steady: STEADY_GUEST }) },
    routes: [
      ...Object.entries({ ...given.routes, ...STEADY_ROUTES }).map(([name, policies]) => ({
        ...attacked(name, policies),
        upstream: given.elsewhere?.[name] ?? 'main'
      })),
      ...Object.entries(given.ai ?? {}).map(([name, policies]) => ({
        ...attacked(name, policies),
        stripPrefix: `/${name}`,
        ai: {}
      }))
    ],
    ...given.more
  }
  const file = configFile(t, config)
  const command = [process.execPath, '--import', `${ROOT}build/test/hostile/preload.js`, `${ROOT}build/bin/main.js`]
  const { env = {} } = given
  const child = await running(t, [...command, 'serve', '-c', file], line => line.includes('"listening"'), { env })
  const log = new Log(child.lines, child.process.stdout)
  const { url } = await log.first(line => line.msg === 'listening')
  const load = await startLoad(t, Number(new URL(String(url)).port))
  const reports = createInterface({ input: child.process.stderr ?? process.stdin })
  const report = async (): Promise<Report> => {
    const line = once(reports, 'line')
    child.process.kill('SIGUSR2')
    return JSON.parse(String((await line)[0]))
  }
  return {
    get: (path, init) => get(t, `${url}/${path}`, init),
    upstreamSaw: prefix => seen.get(prefix) ?? 0,
    log: log.lines,
    logged: is => log.first(is),
    reload: async added => {
      const plugins = { ...config.plugins, ...added.plugins }
      writeFileSync(file, JSON.stringify({ ...config, plugins, routes: [...config.routes, ...(added.routes ?? [])] }))
      const said = log.next(({ msg }) => msg === 'reloaded' || msg === 'reload refused')
      child.process.kill('SIGHUP')
      return said
    },
    during: (t, what, attack) => during(t, what, attack, load, report)
  }
}

function attacked(name: string, policies: readonly object[]) {
  return { name, match: { path: `/${name}/*` }, policies: policies.map(policy => ({ ...UNBROKEN, ...policy })) }
}

/** A route under attack stays one: its breaker would end the attack after a few failures. */
const UNBROKEN = { breaker: { failures: 1_000 } }

/** Two policies of good manners, on the threads of the others. */
const STEADY_GUEST = guest({
  hooks: { on_request: '(i32.const 1024)', on_response: '(i32.const 2048)' },
  more: `${verdictAt(1024, { headers: [{ op: 0, name: 'x-steady', value: STEADY.policies }] })}
    ${verdictAt(2048, { headers: [{ op: 0, name: 'x-steady', value: 'yes' }] })}`
})
const STEADY_ROUTES = { 'steady-plain': [], 'steady-policies': [{ plugin: 'steady' }, { plugin: 'steady' }] }

async function get(t: Test, url: string, init: RequestInit | undefined): Promise<Answer> {
  const reply = await fetch(url, { redirect: 'manual', ...init })
  const text = await reply.text()
  const isProblem = reply.headers.get('content-type') === 'application/problem+json'
  if (isProblem && INSIDE.test(text)) t.fail(`the client is told of the inside: ${text}`)
  return { status: reply.status, headers: reply.headers, text, code: isProblem ? String(JSON.parse(text).code) : '' }
}

/**
 * A stall that an attack causes comes with every attempt of it; one that the machine causes does not. So an attack whose stall is above
 * the bar, and above what the same load costs without it, is repeated, and fails when every attempt does. The bar alone would not do:
 * on two cores that others used, the same load was seen to stall for 72 ms of its own in a stretch without an attack.
 */
async function during(
  t: Test,
  what: string,
  attack: () => Promise<unknown>,
  load: Load,
  report: () => Promise<Report>
): Promise<Report> {
  for (let attempt = 1; ; attempt++) {
    await load.report()
    await report()
    const start = performance.now()
    await attack()
    await load.served(MIN_SERVED)
    const tookMs = performance.now() - start
    const [stalls, others] = await Promise.all([report(), load.report()])
    t.comment(
      `${what}: ${others.served} other replies, the slowest in ${others.slowestMs.toFixed(0)} ms; ` +
        `worst stall ${stalls.stallMs.toFixed(1)} ms, ${stalls.ownStallMs.toFixed(1)} of them its own`
    )
    t.strictSame(others.failures, [], `${what}: every other request is served`)
    t.strictSame(stalls.inherited, [], `${what}: no object has inherited anything`)
    const stands = stalls.ownStallMs >= BAR_MS && stalls.ownStallMs > 2 * (await quietStall(t, tookMs, report))
    if (stands && attempt < ATTEMPTS) continue
    t.notOk(stands, `${what}: the event loop never stands still`)
    return stalls
  }
}

/** The worst stall of the same load without an attack, in a stretch as long. */
async function quietStall(t: Test, tookMs: number, report: () => Promise<Report>): Promise<number> {
  await report()
  await new Promise(resolve => setTimeout(resolve, tookMs))
  const { ownStallMs } = await report()
  t.comment(`as long without an attack: worst stall ${ownStallMs.toFixed(1)} ms`)
  return ownStallMs
}

/** The gateway's log, line by line. */
class Log {
  readonly lines: LogLine[] = []
  private readonly takers: { is: (line: LogLine) => boolean; resolve: (line: LogLine) => void }[] = []

  constructor(before: readonly string[], output: NodeJS.ReadableStream | null) {
    for (const line of before) this.add(line)
    createInterface({ input: output ?? process.stdin }).on('line', line => this.add(line))
  }

  async first(is: (line: LogLine) => boolean): Promise<LogLine> {
    return this.lines.find(is) ?? this.next(is)
  }

  next(is: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise(resolve => this.takers.push({ is, resolve }))
  }

  private add(text: string): void {
    if (!text.startsWith('{')) return
    const line: LogLine = JSON.parse(text)
    this.lines.push(line)
    for (const { is, resolve } of this.takers) if (is(line)) resolve(line)
  }
}
