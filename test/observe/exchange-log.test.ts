import t from 'tap'
import { exchangeLog, type LoggedExchange } from '../../core/observe/exchange-log.js'
import { createLog } from '../../core/observe/log.js'
import { encodeLine, readLogFields } from '../../core/plugin-host/functions/log-fields.js'

const exchange: LoggedExchange = {
  id: 'x1',
  startedAt: 0,
  request: { method: 'GET', host: 'h', path: '/', headers: [] },
  clientIp: '',
  route: undefined,
  upstream: '',
  target: '',
  attempts: 0,
  consumer: '',
  tags: [],
  status: 200,
  incoming: { received: 0 },
  bytesOut: 0,
  error: undefined,
  cutShort: undefined,
  recorded: undefined
}

/** The line a plugin's message and fields become. */
function lineOf(level: number, text: string, fields?: unknown): Record<string, unknown> {
  const lines: string[] = []
  const log = exchangeLog(createLog('trace', { write: line => void lines.push(line) }), true)
  const read = fields === undefined ? undefined : readLogFields(Buffer.from(JSON.stringify(fields)))
  log.plugin({ plugin: 'p', where: '' }, exchange, encodeLine(level, text, read))
  const { time, ...line } = JSON.parse(lines[0] ?? '')
  t.type(time, 'number')
  return line
}

t.test('a plugin’s line is its level, text and fields, with the plugin and the exchange', async t => {
  t.strictSame(lineOf(1, 'a\nb'), { level: 30, id: 'x1', plugin: 'p', msg: 'a\nb' })
  t.strictSame(lineOf(3, '4{}\nx', { n: 1, s: 'a\nb', yes: true, none: null, deep: { a: [1] } }), {
    level: 50,
    id: 'x1',
    plugin: 'p',
    n: 1,
    s: 'a\nb',
    yes: true,
    none: null,
    deep: '{"a":[1]}',
    msg: '4{}\nx'
  })
})

t.test('a field never stands in for one of the gateway’s', async t => {
  const names = ['level', 'time', 'msg', 'id', 'plugin', 'where', '__proto__', '', '1a', '"', 'ok']
  const line = lineOf(0, 'text', JSON.parse(`{${names.map(name => `${JSON.stringify(name)}:1`).join()}}`))
  const own = { level: 20, id: 'x1', plugin: 'p', msg: 'text' }
  const fields = names.slice(0, -1).map(name => [`field_${name.replace('"', '_')}`, 1])
  t.strictSame(line, { ...own, ok: 1, ...Object.fromEntries(fields) })
})

t.test('fields are few and short, and what is no object has none', async t => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, 'x'.repeat(i * 30)]))
  const line = lineOf(1, 'text', Object.fromEntries(Object.entries(many).slice(0, 20)))
  t.equal(Object.keys(line).filter(name => name.startsWith('f')).length, 16)
  for (const bad of ['[1]', 'null', '1', '{', `{"a":"${'x'.repeat(9_000)}"}`]) {
    t.equal(readLogFields(Buffer.from(bad)), undefined, bad.slice(0, 9))
  }
})

t.test('a route says for itself whether its exchanges have a line', async t => {
  const linesOf = (access: boolean, route: LoggedExchange['route']): number => {
    const lines: string[] = []
    exchangeLog(createLog('info', { write: line => void lines.push(line) }), access).exchange({ ...exchange, route })
    return lines.length
  }
  t.strictSame(
    [linesOf(true, undefined), linesOf(true, { name: 'a' }), linesOf(true, { name: 'a', access: false })],
    [1, 1, 0]
  )
  t.strictSame(
    [linesOf(false, undefined), linesOf(false, { name: 'a' }), linesOf(false, { name: 'a', access: true })],
    [0, 0, 1]
  )
})
