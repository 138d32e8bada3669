import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { type BodySink, type BodySource, wholeBody } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import { codings, collect, decoded } from '../../core/gateway/collect.js'

/** A source the test drives. */
function source(length?: number): BodySource & { sink: BodySink | undefined; cancelled: boolean } {
  return {
    length,
    sink: undefined,
    cancelled: false,
    takeWhole: () => undefined,
    pipe(sink) {
      this.sink = sink
    },
    resume: () => undefined,
    cancel() {
      this.cancelled = true
    }
  }
}

t.test('a body within the limit is collected whole', async t => {
  const pieces = source()
  const whole = collect(pieces, 6, 'GW_BODY_TOO_LARGE')
  t.ok(pieces.sink?.write(Buffer.from('abc')))
  t.ok(pieces.sink?.write(Buffer.from('def')))
  pieces.sink?.end()
  t.equal(String(await whole), 'abcdef')
  t.equal(String(await collect(wholeBody(Buffer.from('abc')), 3, 'GW_BODY_TOO_LARGE')), 'abc')
})

t.test('a body beyond the limit is refused, and whoever sends it is told to stop', async t => {
  const announced = source(7)
  await t.rejects(async () => collect(announced, 6, 'GW_BODY_TOO_LARGE'), { code: 'GW_BODY_TOO_LARGE' })
  t.ok(announced.cancelled)
  const grown = source()
  const whole = collect(grown, 6, 'GW_UPSTREAM_BODY_TOO_LARGE')
  grown.sink?.write(Buffer.from('abcdef'))
  t.notOk(grown.sink?.write(Buffer.from('g')))
  await t.rejects(Promise.resolve(whole), { code: 'GW_UPSTREAM_BODY_TOO_LARGE' })
  t.ok(grown.cancelled)
})

t.test('a body that breaks off rejects with the reason', async t => {
  const broken = source()
  const whole = collect(broken, 6, 'GW_BODY_TOO_LARGE')
  broken.sink?.fail(new GatewayError('GW_CLIENT_GONE', 'gone'))
  await t.rejects(Promise.resolve(whole), { code: 'GW_CLIENT_GONE' })
})

t.test('content codings are read off every line', async t => {
  t.strictSame(codings([]), [])
  t.strictSame(codings(['content-encoding', 'GZIP, identity', 'x', 'y', 'content-encoding', ' br']), ['gzip', 'br'])
})

const CODES = { tooLarge: 'GW_BODY_TOO_LARGE', unreadable: 'GW_BODY_ENCODING' } as const

t.test('content codings are undone, the last one first', async t => {
  const plain = Buffer.from('plain '.repeat(100))
  t.ok(plain.equals(await decoded(gzipSync(plain), ['gzip'], 1_000, CODES)))
  t.ok(plain.equals(await decoded(gzipSync(plain), ['x-gzip'], 1_000, CODES)))
  t.ok(plain.equals(await decoded(deflateSync(plain), ['deflate'], 1_000, CODES)))
  t.ok(plain.equals(await decoded(brotliCompressSync(gzipSync(plain)), ['gzip', 'br'], 1_000, CODES)))
})

t.test('what unpacks to too much, is broken or unknown is refused', async t => {
  await t.rejects(decoded(gzipSync(Buffer.alloc(1_001)), ['gzip'], 1_000, CODES), { code: 'GW_BODY_TOO_LARGE' })
  await t.rejects(decoded(brotliCompressSync(Buffer.alloc(50_000_000)), ['br'], 1_000, CODES), {
    code: 'GW_BODY_TOO_LARGE'
  })
  await t.rejects(decoded(Buffer.from('no'), ['gzip'], 1_000, CODES), { code: 'GW_BODY_ENCODING' })
  await t.rejects(decoded(gzipSync('x').subarray(0, 10), ['gzip'], 1_000, CODES), { code: 'GW_BODY_ENCODING' })
  await t.rejects(decoded(Buffer.from('x'), ['zstd'], 1_000, CODES), { code: 'GW_BODY_ENCODING' })
})
