import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isObject, type JsonObject } from '../../ai/members.js'
import { refuseIfAsked } from './answer.js'
import { type Call, type Endpoint, type ErrorForm, json, type Reply } from './api.js'
import { errorForm } from './apis/gemini.js'
import { ENDPOINTS } from './apis/index.js'
import { openaiErrors } from './apis/openai-errors.js'
import { Bench } from './bench.js'
import { control } from './control.js'
import { deliver } from './deliver.js'
import { Entry, keyOf } from './entry.js'
import { type Failure, invalid, notFound, Refused } from './failure.js'
import { Faults, isFault, modelAndFaults } from './faults.js'
import { formFields } from './form.js'
import { Log, type Received } from './log.js'
import { Recordings } from './recordings.js'
import { type Rule, Rules } from './rules.js'
import { State } from './state.js'
import { readyTokens } from './tokens.js'

export interface MockOptions {
  /** 0, and left out: any that is free. */
  readonly port?: number | undefined
  readonly host?: string | undefined
  /** Keys of which a request must show one, "ID:SECRET" where it signs with it; left out: none is needed. */
  readonly keys?: readonly string[] | undefined
  /** A folder of recordings, PROVIDER/FILE.json each. */
  readonly recordings?: string | undefined
  /** Tokens per second of every stream; left out: as fast as it goes. */
  readonly rate?: number | undefined
  readonly seed?: number | undefined
  /** How many requests are remembered; 1000 when left out. */
  readonly keep?: number | undefined
}

export interface Mock {
  /** Without a slash at its end. */
  readonly url: string
  readonly port: number
  /** What came, in order, but for benchmarks. */
  requests(): readonly Received[]
  /** Resolves as soon as what was received is so: `until(all => all[0]?.outcome === 'aborted')`. */
  until(holds: (requests: readonly Received[]) => boolean): Promise<void>
  /** Faults for requests to come. */
  fault(rule: Rule): void
  /** Forgets requests, rules, stored responses and prompt caches, and counts ids from the start. */
  reset(): void
  close(): Promise<void>
}

/** Starts a provider that is none, in this process. @throws Error when the port is taken */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const host = options.host ?? '127.0.0.1'
  const provider = new Provider(options)
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    provider.take(request, response)
  })
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests: () => provider.log.requests,
    until: holds => provider.log.until(holds),
    fault: rule => provider.rules.add(rule),
    reset: () => provider.reset(),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

/** What the control endpoints see too. */
export class Provider {
  readonly log: Log
  readonly rules = new Rules()
  readonly recordings: Recordings
  private readonly state: State
  private readonly bench = new Bench()
  private readonly entry: Entry

  constructor(private readonly options: MockOptions) {
    this.log = new Log(options.keep ?? 1000)
    this.recordings = new Recordings(options.recordings)
    this.state = new State(options.seed ?? 1)
    this.entry = new Entry(options.keys)
  }

  reset(): void {
    this.log.clear()
    this.rules.clear()
    this.state.reset()
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined) // the client went away; the log says so
    // Not `for await`: that alone takes as long as the rest of a request for load.
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [first] = chunks
      const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
      const welcome = this.entry.refusal(request, body) === undefined
      if (welcome && this.bench.answer(request, response, body)) this.log.total++
      else void this.answerOrEnd(request, response, body)
    })
  }

  /** Never rejects. */
  private async answerOrEnd(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    try {
      await this.answer(request, response, body)
    } catch (thrown) {
      // A mistake of the mock itself: it must not look like a fault that was asked for.
      process.stderr.write(`sluice mock: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
      response.destroy()
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://mock')
    if (pathname.startsWith('/mock/')) {
      await control(this, request, response, body, pathname)
      return
    }
    this.log.total++
    const note = this.log.begin(request, response, body)
    this.log.changed()
    const faults = new Faults()
    const endpoint = ENDPOINTS.find(each => each.method === request.method && each.path.test(pathname))
    const errors = errorForm(endpoint?.errors ?? openaiErrors, pathname, searchParams)
    await readyTokens()
    let reply: Reply
    try {
      reply = await this.replyTo(request, endpoint, pathname, searchParams, faults, note)
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown
      reply = refusal(thrown.failure, errors)
    }
    if (faults.has('html')) reply = page(faults.number('status') ?? 502)
    note.faults = faults.toString()
    await deliver(response, reply, faults, errors, this.options.rate, note)
  }

  private async replyTo(
    request: IncomingMessage,
    endpoint: Endpoint | undefined,
    path: string,
    query: URLSearchParams,
    faults: Faults,
    note: Received
  ): Promise<Reply> {
    const form = await formFields(note.body, request.headers['content-type'])
    const json = form ?? parsed(note.body)
    const groups =
      endpoint?.path
        .exec(path)
        ?.slice(1)
        .map(group => group ?? '') ?? []
    const inPath = endpoint?.model?.(groups) ?? ''
    const { model, faults: asked } = modelAndFaults(
      inPath !== '' ? inPath : typeof json?.model === 'string' ? json.model : ''
    )
    note.model = model
    this.collect(faults, request, asked, query, model, path)
    const refused = this.entry.refusal(request, note.body, endpoint?.errors.strangers)
    if (refused !== undefined) throw new Refused(refused)
    refuseIfAsked(faults)
    const replay = /^\/replay\/([^/]+\/[^/]+)/.exec(path)?.[1] ?? /^replay:(.+)$/.exec(model)?.[1]
    if (replay !== undefined) {
      const recorded = this.recordings.reply(decodeURIComponent(replay))
      return endpoint?.replay?.(recorded) ?? recorded
    }
    if (endpoint === undefined) {
      if (path === '/') return text('sluice mock\n')
      throw notFound(`Unknown request URL: ${request.method} ${path}.`, undefined, 'unknown_url')
    }
    if (json === undefined) throw invalid('We could not parse the JSON body of your request.')
    if (model.startsWith('no-such')) throw notFound(`The model '${model}' does not exist`, 'model', 'model_not_found')
    const call: Call = {
      method: request.method ?? '',
      path,
      query,
      header: name => [request.headers[name]].flat()[0],
      body: note.body,
      json,
      model,
      groups,
      faults,
      key: keyOf(request) ?? '',
      state: this.state,
      bill: bill => {
        note.bill = bill
      }
    }
    return await endpoint.handle(call)
  }

  /** Gathers what was asked for by rules, the model's name, the query and headers, in this order. */
  private collect(
    faults: Faults,
    request: IncomingMessage,
    asked: string,
    query: URLSearchParams,
    model: string,
    path: string
  ): void {
    this.rules.apply(faults, model, path)
    const wanted = new Faults().add(asked).add(query.get('mock') ?? '')
    for (const [name, value] of Object.entries(request.headers)) {
      if (!name.startsWith('x-mock-') || typeof value !== 'string') continue
      const fault = name.slice('x-mock-'.length)
      if (fault === 'faults') wanted.add(value)
      else if (isFault(fault)) wanted.addOne(value === '' || value === 'true' ? fault : `${fault}=${value}`)
    }
    const times = wanted.number('times')
    if (times === undefined || this.state.among(`${model} ${wanted}`, times)) faults.addAll(wanted)
  }
}

/** Undefined: it is no JSON object. */
function parsed(body: Buffer): JsonObject | undefined {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function refusal(failure: Failure, errors: ErrorForm): Reply {
  const { retryAfter, status } = failure
  const headers = { ...errors.headers?.(failure), ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }
  return json(errors.body(failure), status, headers)
}

function page(status: number): Reply {
  const body = Buffer.from(`<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`)
  return { status, headers: { 'content-type': 'text/html' }, body }
}

function text(body: string): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) }
}
