import t from 'tap'
import { wholeBody } from '../../core/base/body.js'
import { problemReply } from '../../core/base/problem.js'
import { inGrpc } from '../../core/gateway/grpc.js'

const CALL = ['content-type', 'application/grpc+proto']

t.test('a problem document is status, code and message in headers, without a body', async t => {
  const problem = problemReply('GW_UPSTREAM_TIMEOUT', 'id', { detail: 'zu spät: 100 %\n' })
  problem.headers.push('retry-after', '3')
  const reply = inGrpc(CALL, problem)
  t.equal(reply.status, 200)
  t.strictSame(reply.headers, [
    ...['content-type', 'application/grpc+proto', 'grpc-status', '4'],
    ...['grpc-message', 'zu sp%C3%A4t: 100 %25%0A GW_UPSTREAM_TIMEOUT', 'cache-control', 'no-store', 'retry-after', '3']
  ])
  t.equal(reply.body.length, 0)
})

t.test('statuses have the codes that gRPC has for them', async t => {
  const code = (status: number) => inGrpc(CALL, { ...problemReply('GW_INTERNAL', 'id'), status }).headers[3]
  t.strictSame([400, 401, 403, 404, 422, 429, 500, 501, 502, 503, 504, 599].map(code), [
    ...['3', '16', '7', '12', '3', '8', '13', '12', '14', '14', '4', '13']
  ])
})

t.test('what is no call, and what is no problem document, stays as it is', async t => {
  const problem = problemReply('GW_INTERNAL', 'id')
  for (const type of ['application/json', 'application/grp', 'text/plain']) {
    t.equal(inGrpc(['content-type', type], problem), problem)
  }
  t.equal(inGrpc([], problem), problem)
  const page = { status: 502, headers: ['content-type', 'text/html'], body: Buffer.from('<p>no') }
  t.equal(inGrpc(CALL, page), page)
  const stream = { ...problem, body: wholeBody(Buffer.from('{}')) }
  t.equal(inGrpc(CALL, stream), stream, 'one of the upstream')
  const broken = { ...problem, body: Buffer.from('{') }
  t.strictSame(inGrpc(CALL, broken).headers.slice(2, 6), ['grpc-status', '13', 'grpc-message', ''])
})
