import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../ai/members.js'
import { json, type Reply } from './api.js'
import { notFound } from './failure.js'

/** What ends a stream, in any dialect: from there on it is the terminal event and what belongs to it. */
const TERMINAL = new RegExp(
  [
    /"finish_?reason":\s*"/i,
    /"type":\s*"(?:message_delta|message_stop|message-end|response\.(?:completed|incomplete|failed))"/,
    /"done":\s*true|\[DONE\]|"messageStop":/
  ]
    .map(each => each.source)
    .join('|'),
  'i'
)

/** A folder of recorded replies, PROVIDER/FILE.json each. */
export class Recordings {
  constructor(private readonly folder: string | undefined) {}

  /**
   * A recorded reply by "PROVIDER/FILE": ".json" may be left out.
   * @throws Refused when there is none
   */
  reply(name: string): Reply {
    const recording = this.read(name)
    const response = isObject(recording) ? recording.response : undefined
    if (!isObject(response)) throw notFound(`the recording "${name}" has no response`)
    const status = typeof response.status === 'number' ? response.status : 200
    const headers = Object.fromEntries(
      Object.entries(isObject(response.headers) ? response.headers : {}).map(([key, value]) => [key, String(value)])
    )
    if (typeof response.text !== 'string') return json(response.json ?? null, status, headers)
    const events = headers['content-type']?.startsWith('text/event-stream') === true
    const lines = headers['content-type']?.includes('ndjson') === true
    if (!events && !lines) return { status, headers, body: Buffer.from(response.text) }
    const texts = response.text.split(events ? /(?<=\n\n)/ : /(?<=\n)/)
    const end = texts.findIndex(each => TERMINAL.test(each))
    return { headers, frames: texts.map(each => Buffer.from(each)), terminal: end === -1 ? 1 : texts.length - end }
  }

  /** The names of all there are. */
  names(): string[] {
    if (this.folder === undefined) return []
    const files = readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
    return files.filter(name => /^[^/\\]+[/\\][^/\\]+\.json$/.test(name)).map(name => name.replace(/\.json$/, ''))
  }

  private read(name: string): unknown {
    if (this.folder === undefined) throw notFound('there are no recordings: start the mock with --recordings FOLDER')
    if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name)) {
      throw notFound(`"${name}" is no name of a recording, expected PROVIDER/FILE`)
    }
    const file = join(this.folder, name.endsWith('.json') ? name : `${name}.json`)
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      throw notFound(`there is no recording "${name}"`)
    }
  }
}
