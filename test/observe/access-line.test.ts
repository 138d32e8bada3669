import fc from 'fast-check'
import t from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import { accessWriter, type LoggedExchange } from '../../core/observe/access-line.js'
import { createLog, type Logger } from '../../core/observe/log.js'

/** What a log writes of an exchange, without what differs from moment to moment. */
function lineOf(exchange: LoggedExchange, through: (log: Logger) => Logger = log => log): string {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  accessWriter(through(createLog('info', sink)))(exchange)
  return lines.join('').replace(/"(time|ms)":[0-9.]+/g, '"$1":0')
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constant('a"b\\c\n')
)
const SOCKET = {
  code: 1000,
  reason: 'a"b',
  by: 'client',
  messagesIn: 1,
  messagesOut: 2,
  bytesIn: 3,
  bytesOut: 4
} as const
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const HEADERS = [[], ['traceparent', `00-${TRACE}-00f067aa0ba902b7-01`], ['traceparent', 'nonsense']]
const exchanges: fc.Arbitrary<LoggedExchange> = fc.record({
  id: text,
  startedAt: fc.double({ min: -1e6, max: 0, noNaN: true }),
  request: fc.record({ method: text, host: text, path: text, headers: fc.constantFrom(...HEADERS) }),
  clientIp: text,
  route: fc.option(fc.record({ name: text }), { nil: undefined }),
  upstream: text,
  target: text,
  attempts: fc.nat(3),
  consumer: text,
  tags: fc.array(fc.tuple(text, text), { maxLength: 3 }).map(tags => tags.flat()),
  status: fc.integer({ min: 200, max: 599 }),
  incoming: fc.record({ received: fc.nat() }),
  bytesOut: fc.nat(),
  error: fc.option(
    text.map(message => new GatewayError('GW_INTERNAL', message)),
    { nil: undefined }
  ),
  cutShort: fc.constantFrom<LoggedExchange['cutShort'][]>(
    undefined,
    'client-gone',
    new GatewayError('GW_UPSTREAM_TIMEOUT', 'late')
  ),
  cache: fc.option(text, { nil: undefined }),
  socket: fc.option(fc.constant(SOCKET), { nil: undefined }),
  recorded: fc.option(text, { nil: undefined })
})

t.test('the line is the one pino would have written', async t => {
  const { failed, counterexample } = fc.check(
    fc.property(exchanges, exchange => {
      const byPino = lineOf(exchange, log => log.child({ by: 'pino' })).replace(',"by":"pino"', '')
      return lineOf(exchange) === byPino
    }),
    { numRuns: 500 }
  )
  t.notOk(failed, JSON.stringify(counterexample))
})

t.test('its milliseconds are a number as JSON has them, with three decimals at most', async t => {
  const [sample] = fc.sample(exchanges, 1)
  if (sample === undefined) throw new Error('there is no sample')
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 0, noNaN: true }), startedAt => {
      const lines: string[] = []
      const before = performance.now() - startedAt
      accessWriter(createLog('info', { write: line => void lines.push(line) }))({ ...sample, startedAt })
      const text = /"ms":([^,]*)/.exec(lines.join(''))?.[1] ?? ''
      t.equal(text, String(Number(Number(text).toFixed(3))))
      t.ok(Number(text) > before - 0.001 && Number(text) < performance.now() - startedAt + 0.001, text)
    })
  )
})

t.test('a log that is silent about such lines stays so', async t => {
  const [exchange] = fc.sample(exchanges, 1)
  if (exchange === undefined) throw new Error('there is no sample')
  t.match(lineOf(exchange), /^\{"level":30,"time":0,"id":/)
  const silenced = (log: Logger) => {
    log.level = 'warn'
    return log
  }
  t.equal(lineOf(exchange, silenced), '')
})

t.test('the trace a client says its request belongs to is named, when that is well-formed', async t => {
  const [sample] = fc.sample(exchanges, 1)
  if (sample === undefined) throw new Error('there is no sample')
  const trace = (traceparent: string) =>
    JSON.parse(lineOf({ ...sample, request: { ...sample.request, headers: ['traceparent', traceparent] } })).trace
  t.equal(trace(`00-${TRACE}-00f067aa0ba902b7-01`), TRACE)
  t.equal(trace(`cc-${TRACE}-00f067aa0ba902b7-01-what-will-be`), TRACE)
  t.equal(trace(`ff-${TRACE}-00f067aa0ba902b7-01`), undefined)
  t.equal(trace(`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`), undefined)
  t.equal(trace(`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`), undefined)
  t.equal(trace(`00-${TRACE}-${'0'.repeat(16)}-01`), undefined)
  t.equal(trace(`00-${TRACE}-00f067aa0ba902b7-01-more`), undefined)
})
