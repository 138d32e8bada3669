/**
 * Receives alerts, as a chat or a pager would: checks their signature (Standard Webhooks) and shows them at GET /alerts, which waits for the
 * first one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const PORT = Number(process.env.HOOK_PORT ?? 9001)
const SECRET = process.env.ALERT_SECRET ?? 'whsec_c2x1aWNlLWV4YW1wbGUtc2VjcmV0LW5vdC1mb3ItdXNl'
const TOLERANCE_S = 300

const alerts = []
const server = createServer(async (request, response) => {
  const { status, body } = await answer(request)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
})
server.listen(PORT, '127.0.0.1', () => console.log(`hook listening on port ${PORT}`))
process.once('SIGTERM', () => process.exit())

async function answer(request) {
  if (request.method === 'GET') {
    if (alerts.length === 0) await once(server, 'alert')
    return { status: 200, body: { alerts } }
  }
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  if (!isSigned(request.headers, text)) return { status: 401, body: { error: 'the signature is wrong' } }
  alerts.push(JSON.parse(text))
  console.log(`alert: ${text}`)
  server.emit('alert')
  return { status: 200, body: {} }
}

/** https://www.standardwebhooks.com */
function isSigned({ 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' }, text) {
  if (Math.abs(Date.now() / 1_000 - Number(time)) > TOLERANCE_S) return false
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${time}.${text}`).digest()
  return signatures.split(' ').some(each => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
