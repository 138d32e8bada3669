import t from 'tap'
import { cachedSluice } from '../../support/cached.js'
import { clock } from '../../support/clock.js'

t.test('a fresh reply is stored and answers the next request, with its age', async t => {
  const pass = clock(t)
  const { get, seen } = await cachedSluice(t, {}, (_, response, count) => {
    // A Date has whole seconds: rounded down, up to one of them is taken for age from the beginning.
    response.setHeader('date', new Date(Date.now() + 999).toUTCString())
    response.setHeader('cache-control', 'max-age=60')
    response.end(`reply ${count}`)
  })
  t.match(await get('/a'), { status: 200, text: 'reply 1', did: 'fwd=uri-miss; stored' })
  pass(10)
  const hit = await get('/a')
  t.match(hit, { status: 200, text: 'reply 1', did: /^hit; ttl=(?:49|50)$/ })
  t.match(hit.header('age'), /^1[01]$/)
  t.match(await get('/a', {}, 'HEAD'), { status: 200, text: '' })
  pass(60)
  t.match(await get('/a'), { text: 'reply 2', did: 'fwd=stale; stored' })
  t.equal(seen.length, 2)
})

t.test('a stale reply is validated, and what is still good is used again', async t => {
  const pass = clock(t)
  const { get, seen } = await cachedSluice(t, {}, (request, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.setHeader('etag', '"one"')
    if (request.all('if-none-match')[0] === '"one"') response.writeHead(304).end()
    else response.end('the reply')
  })
  await get('/a')
  pass(61)
  t.match(await get('/a'), { status: 200, text: 'the reply', did: /^fwd=stale; fwd-status=304; ttl=(59|60)$/ })
  t.match(await get('/a'), { text: 'the reply', did: /^hit/ })
  const nothing = await get('/a', { 'if-none-match': 'W/"one"' })
  t.match(nothing, { status: 304, text: '', did: /^hit/ })
  t.equal(nothing.header('content-length'), undefined, 'which would be that of the reply')
  t.equal(seen.length, 2)
})

t.test('a reply that changes nothing about it, and one that may not be stored, pass', async t => {
  const { get, seen } = await cachedSluice(t, {}, (request, response, count) => {
    response.setHeader('cache-control', request.target === '/private' ? 'private, max-age=60' : 'max-age=60')
    if (request.method !== 'GET') response.statusCode = 204
    response.end(request.method === 'GET' ? `reply ${count}` : undefined)
  })
  await get('/private')
  t.match(await get('/private'), { text: 'reply 2', did: 'fwd=uri-miss' })
  await get('/a')
  t.match(await get('/a'), { text: 'reply 3', did: /^hit/ })
  t.match(await get('/a?other', {}, 'PUT'), { status: 204, did: 'fwd=method' })
  t.match(await get('/a'), { text: 'reply 5', did: 'fwd=uri-miss; stored' })
  t.equal(seen.length, 5)
})
