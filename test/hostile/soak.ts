import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { churn, settled } from './churn.js'

/**
 * `npm run test:soak`: a running Sluice with ten plugins reads its file again a thousand times, or as often as the first argument says, and
 * each time makes its threads and instances anew.
 * Exits with 1 when the memory is not back within 10 %, or as many as the second argument says.
 */
const times = Number(process.argv[2] ?? 1_000)
const percent = Number(process.argv[3] ?? 10)

const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
try {
  const readings = await churn(folder, times)
  const { before, after } = settled(readings)
  const grown = (after / before - 1) * 100
  process.stdout.write(
    `RSS in MiB: ${readings.map(mib).join(' ')}\n` +
      `${times} reloads with ten plugins: ${mib(before)} MiB in the second tenth, ${mib(after)} MiB in the last (medians): ` +
      `${grown.toFixed(1)} %\n`
  )
  process.exitCode = grown <= percent ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
