import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { freePorts, ROOT, running, SLUICE } from '../../command.js'
import { Scrape } from '../../support/scrape.js'

t.setTimeout(120_000)

const FOLDER = `${ROOT}examples/breaker/`

t.test('the breaker of examples/breaker closes again once its probes went well', async t => {
  const [first, second, port] = await freePorts(3)
  const env = { FIRST_PORT: String(first), SECOND_PORT: String(second), SLUICE_PORT: String(port) }
  // As it stands there, but that nobody waits for a minute, and with an admin listener.
  const config = `${t.testdir()}/sluice.yaml`
  const example = readFileSync(`${FOLDER}sluice.yaml`, 'utf8')
  t.match(example, /open: 1m,/)
  writeFileSync(config, `${example.replace('open: 1m,', 'open: 1s,')}\nadmin: { port: 0 }\n`)
  const listening = (line: string): boolean => line.includes('listening')
  await running(t, [process.execPath, 'shop.mjs'], listening, { cwd: FOLDER, env })
  const served = await running(t, [...SLUICE, 'serve', '-c', config], listening, { env })
  const admin = String(JSON.parse(served.lines.find(listening) ?? '').admin)

  const ask = async (path: string, method = 'GET') => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    const body = (await reply.json()) as { code?: string }
    return body.code ?? reply.status
  }
  /** What metrics and the admin page say of the breaker; one word when they agree. */
  const state = async (): Promise<string> => {
    const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
    const states = ['closed', 'open', 'half-open'].filter(
      each => scrape.value('gateway_upstream_breaker_state', { upstream: 'shop', state: each }) === 1
    )
    const { loops } = (await (await fetch(`${admin}/resilience`)).json()) as {
      loops: { upstream: string; breaker?: { state: string } }[][]
    }
    t.ok(loops.length > 0, 'every event loop is there')
    const pages = loops.flat().filter(({ upstream }) => upstream === 'shop')
    return [...new Set([...states, ...pages.map(({ breaker }) => breaker?.state ?? 'none')])].join(' and ')
  }

  t.equal(await ask('/shop/checkout'), 200)
  t.equal(await state(), 'closed')
  for (const target of ['first', 'second']) t.equal(await ask(`/${target}/fail`, 'POST'), 200)
  let last = await ask('/shop/checkout')
  while (last === 503) last = await ask('/shop/checkout')
  t.equal(last, 'GW_UPSTREAM_OPEN')
  t.equal(await state(), 'open')

  for (const target of ['first', 'second']) t.equal(await ask(`/${target}/heal`, 'POST'), 200)
  while (last === 'GW_UPSTREAM_OPEN' || last === 503) last = await ask('/shop/checkout')
  t.equal(last, 200, 'a probe')
  t.equal(await state(), 'half-open', 'one is not enough')
  for (let i = 0; i < 2; i++) t.equal(await ask('/shop/checkout'), 200)
  t.equal(await state(), 'closed', 'three are')
  for (let i = 0; i < 20; i++) t.equal(await ask('/shop/checkout'), 200)

  const isChange = (line: string): boolean => line.includes('circuit breaker of an upstream')
  await served.until(line => isChange(line) && JSON.parse(line).state === 'closed')
  const changes = served.lines.filter(isChange)
  t.strictSame(changes.map(line => JSON.parse(line).state).slice(-3), ['open', 'half-open', 'closed'])
})
