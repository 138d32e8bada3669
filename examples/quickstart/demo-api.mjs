/**
 * A small shop's API, so that there is something behind Sluice. It knows nothing of keys: who asks is what the
 * header x-customer says, and only Sluice can reach it.
 *
 *   GET  /catalog         what is sold
 *   GET  /catalog/{id}    one thing
 *   GET  /orders          the orders of the customer, and the headers the request came with
 *   POST /orders          {"item": "cup"} orders it
 */
import { createServer } from 'node:http'

const PORT = Number(process.env.DEMO_API_PORT ?? 9001)

const catalog = [
  { id: 'cup', name: 'Cup', cents: 900 },
  { id: 'pot', name: 'Tea pot', cents: 3400 }
]
const orders = [
  { id: 1, customer: 'alice', item: 'cup' },
  { id: 2, customer: 'bob', item: 'pot' }
]

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request)
  response.writeHead(status, { 'content-type': 'application/json', 'x-powered-by': 'demo-api' })
  response.end(`${JSON.stringify(body, undefined, 2)}\n`)
})

server.on('error', error => {
  const reason = error.code === 'EADDRINUSE' ? `port ${PORT} is in use` : error.message
  console.error(`demo-api: cannot listen: ${reason}`)
  process.exitCode = 1
})
server.listen(PORT, '127.0.0.1', () => console.log(`demo-api: listening on port ${PORT}`))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://demo-api')
  const [, collection, id] = pathname.split('/')
  const route = `${request.method} /${collection}${id === undefined ? '' : '/{id}'}`
  switch (route) {
    case 'GET /catalog':
      return { status: 200, body: catalog }
    case 'GET /catalog/{id}': {
      const item = catalog.find(each => each.id === id)
      return item === undefined ? notFound(pathname) : { status: 200, body: item }
    }
    case 'GET /orders': {
      const customer = request.headers['x-customer']
      return {
        status: 200,
        body: { orders: orders.filter(each => each.customer === customer), headers: request.headers }
      }
    }
    case 'POST /orders':
      return order(request)
    default:
      return notFound(pathname)
  }
}

async function order(request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  const item = catalog.find(each => each.id === parsed(text)?.item)
  if (item === undefined) return { status: 422, body: { error: 'say {"item": …} with an id of the catalog' } }
  const made = { id: orders.length + 1, customer: request.headers['x-customer'], item: item.id }
  orders.push(made)
  return { status: 201, body: made }
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function notFound(path) {
  return { status: 404, body: { error: `there is nothing at ${path}` } }
}
