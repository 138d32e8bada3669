import { readFileSync } from 'node:fs'
import t from 'tap'
import { RequestInput, Verdict } from '../../core/plugin-host/abi.js'
import { ENTRY } from '../../core/plugin-host/arena.js'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { ROOT } from '../command.js'
import { callOf, openPool } from '../support/pool.js'

t.setTimeout(240_000)

const THREADS = 4
const DECISIONS = 100_000
const LIMIT = 40_000
const wasm = readFileSync(`${ROOT}plugins/rate-limit/build/rate-limit.wasm`)
const manifest = JSON.parse(readFileSync(`${ROOT}plugins/rate-limit/plugin.json`, 'utf8'))

for (const algorithm of ['token-bucket', 'sliding-window']) {
  t.test(
    `${DECISIONS} requests of one caller on all threads: ${algorithm} lets exactly as many through as it may`,
    async t => {
      // A year: what comes back in the meantime is less than one request.
      const settings = { limits: [{ requests: LIMIT, per: '365d', algorithm }] }
      const { permissions, limits } = manifest
      const bound = { wasm, permissions, settings, limits: { ...limits, timeoutMs: 10_000 } }
      const pool = await openPool(t, [bound], { threads: THREADS, shared: sharedTableMemory() })
      t.strictSame(await pool.prepare(), [])
      const input = RequestInput.encode({
        context: { nowMs: Date.now() },
        request: { method: 'GET', scheme: 'http', host: 'example.com', path: '/', clientIp: '192.0.2.1' }
      }).finish()
      let [left, passed, refused] = [DECISIONS, 0, 0]
      const client = async (): Promise<void> => {
        while (left-- > 0) {
          const [entry] = await pool.run(callOf([0], input))
          const verdict = entry?.kind === ENTRY.verdict ? Verdict.decode(entry.bytes) : undefined
          if (verdict?.reply?.status === 429) refused++
          else if (verdict?.reply === null) passed++
        }
      }
      await Promise.all(Array.from({ length: 512 }, client))
      t.strictSame([passed, refused], [LIMIT, DECISIONS - LIMIT])
    }
  )
}
