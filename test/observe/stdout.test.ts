import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'

interface Line {
  readonly number?: number
  readonly lines?: number
  readonly msg: string
}

/** What a process that writes so many lines puts out. */
async function linesOf(count: number, bytes: number): Promise<Line[]> {
  const program = fileURLToPath(new URL('many-lines.js', import.meta.url))
  const child = spawn(process.execPath, [program, String(count), String(bytes)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(child, 'exit')
  const read: Line[] = []
  for await (const line of createInterface(child.stdout)) read.push(JSON.parse(line))
  t.strictSame(await exit, [0, null])
  return read
}

t.test('what is logged at the very end of a process is written', async t => {
  const lines = await linesOf(1_000, 10)
  t.strictSame(
    lines.map(({ number }) => number),
    Array.from({ length: 1_000 }, (_, i) => i)
  )
})

t.test('of what nobody reads so much waits, and no more; how many lines were lost is said', async t => {
  const count = 90_000
  const lines = await linesOf(count, 1_000) // in one turn of its event loop: nothing is read meanwhile
  const told = lines.filter(({ msg }) => msg.startsWith('log lines were lost'))
  t.equal(told.length, 1)
  const lost = told[0]?.lines ?? 0
  t.ok(lost > 10_000 && lost < 40_000, `${lost} of 90 MB are above 64 MiB`)
  const numbers = lines.flatMap(({ number }) => number ?? [])
  t.equal(numbers.length + lost, count)
  t.ok(
    numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
    'in order'
  )
})
