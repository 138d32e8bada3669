import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { Journal } from '../../../core/ai/budgets/journal.js'
import { LocalLedger, type Passed } from '../../../core/ai/budgets/local-ledger.js'
import { openLedger } from '../../../core/ai/budgets/open.js'
import { calendar, rolling } from '../../../core/ai/budgets/period.js'
import type { BudgetRule } from '../../../core/ai/budgets/rule.js'
import { createLog } from '../../../core/observe/log.js'
import { ask, NOON, rule, used } from './parts.js'

function failed(error: Error): void {
  throw error
}

function openJournal(file: string, syncMs = 50): Promise<Journal> {
  return Journal.open({ file, syncMs, onError: failed })
}

/** A ledger on a file, as a process that starts would open it. */
async function started(
  file: string,
  rules: readonly BudgetRule[],
  more: { now?: number; passed?: (passed: Passed) => void; syncMs?: number } = {}
) {
  const journal = await openJournal(file, more.syncMs)
  const ledger = new LocalLedger({ rules, journal, now: () => more.now ?? NOON, passed: more.passed })
  const spend = (input: number, tenant = 'a') => {
    const answer = ledger.reserve(ask({ dimensions: { tenant }, input: 0, output: 1 }))
    if (answer.granted) ledger.settle(answer.id, used({ input }))
  }
  return { journal, ledger, spend, spent: () => ledger.report().map(({ spent }) => spent) }
}

/** Another file in its place, as who restores a copy leaves it. */
function copyOver(file: string): void {
  copyFileSync(file, `${file}.2`)
  renameSync(`${file}.2`, file)
}

function fileOf(t: Test): string {
  return `${t.testdir()}/below/ledger.jsonl`
}

t.test('what was spent outlives the process, what was held does not', async t => {
  const file = fileOf(t)
  const rules = [rule({ per: ['tenant'] }), rule({ name: 'q', counted: 'requests', period: rolling(3_600_000, '1h') })]
  const first = await started(file, rules)
  first.spend(100)
  first.spend(23)
  first.spend(7, 'b')
  first.ledger.reserve(ask({ dimensions: { tenant: 'a' } }))
  await first.journal.close()

  const second = await started(file, rules)
  t.strictSame(
    second.ledger.report().map(({ rule, dimensions, spent, reserved }) => [rule, dimensions, spent, reserved]),
    [
      ['r', { tenant: 'a' }, 123, 0],
      ['r', { tenant: 'b' }, 7, 0],
      ['q', {}, 4, 0]
    ],
    'a request is booked when it comes'
  )
  await second.journal.close()
})

for (const [what, taken] of [
  ['taken away', (file: string) => rmSync(file)],
  ['moved', (file: string) => renameSync(file, `${file}.1`)],
  ['another one', copyOver],
  ['gone with its folder', (file: string) => rmSync(dirname(file), { recursive: true })]
] as const) {
  for (const [when, syncMs, more] of [
    ['while it is in use', 0, true],
    ['before the end', 3_600_000, false]
  ] as const) {
    t.test(`a file that is ${what} ${when} is written anew, with all that was spent`, async t => {
      const file = fileOf(t)
      const first = await started(file, [rule({ per: ['tenant'] })], { syncMs })
      first.spend(100)
      await first.journal.flushed()
      taken(file)
      if (more) {
        first.spend(7, 'b')
        await first.journal.flushed()
        t.match(readFileSync(file, 'utf8'), /100.*7/s)
      }
      await first.journal.close()
      const second = await started(file, [rule({ per: ['tenant'] })])
      t.strictSame(second.spent(), more ? [100, 7] : [100])
      await second.journal.close()
    })
  }
}

t.test('a file that is taken away is missed when the disk is next waited for, without another exchange', async t => {
  const file = fileOf(t)
  const first = await started(file, [rule()], { syncMs: 50 })
  first.spend(100)
  await first.journal.flushed()
  rmSync(file)
  while (!existsSync(file)) await setTimeout(5)
  await first.journal.close()
  const second = await started(file, [rule()])
  t.strictSame(second.spent(), [100])
  await second.journal.close()
})

t.test('a period that is over by then is not read', async t => {
  const file = fileOf(t)
  const first = await started(file, [rule()])
  first.spend(100)
  await first.journal.close()
  const second = await started(file, [rule()], { now: NOON + 3_600_000 })
  t.strictSame(second.spent(), [])
  await second.journal.close()
})

t.test('an alert that was given is not given again after a restart', async t => {
  const file = fileOf(t)
  const rules = [rule({ limit: 100, thresholds: [50, 80], period: calendar('day') })]
  const told: number[] = []
  const passed = ({ threshold }: Passed) => told.push(threshold)
  const first = await started(file, rules, { passed })
  first.spend(60)
  await first.journal.close()
  const second = await started(file, rules, { passed })
  second.spend(5)
  t.strictSame(told, [50])
  second.spend(20)
  t.strictSame(told, [50, 80])
  await second.journal.close()
})

t.test(
  'messages that have not arrived outlive the process, beside the sums, also when the file is written anew',
  async t => {
    const file = fileOf(t)
    const letter = (i: number) => ({ id: `msg_${i}`, body: `{"i":${i}}` })
    const first = await openJournal(file)
    for (const i of [1, 2, 3]) first.keep(letter(i))
    first.done(letter(2))
    first.done(letter(9))
    await first.close()
    const second = await started(file, [rule({ limit: 1e9 })])
    t.strictSame([...second.journal.letters], [letter(1), letter(3)])
    second.journal.done(letter(1))
    second.journal.keep(letter(4))
    for (let i = 0; i < 21_000; i++) {
      second.spend(1)
      await second.journal.flushed()
    }
    await second.journal.close()
    t.ok(statSync(file).size < 500_000, `${statSync(file).size}`)
    const third = await started(file, [rule({ limit: 1e9 })])
    t.strictSame([...third.journal.letters], [letter(3), letter(4)])
    t.strictSame(third.spent(), [21_000])
    for (const each of [...third.journal.letters]) third.journal.done(each)
    await third.journal.close()
    const fourth = await openJournal(file)
    t.strictSame([...fourth.letters], [])
    await fourth.close()
  }
)

t.test('lines that are broken, cut off or of no use are passed over', async t => {
  const file = `${t.testdir({ 'l.jsonl': '' })}/l.jsonl`
  const first = await started(file, [rule()])
  first.spend(100)
  await first.journal.close()
  const whole = readFileSync(file, 'utf8')
  writeFileSync(file, `garbage\n[]\n["a","b",-1,2,3]\nnull\n${whole}${whole.slice(0, 10)}`)
  const second = await started(file, [rule()])
  t.strictSame(second.spent(), [100])
  second.spend(1)
  await second.journal.close()
  const third = await started(file, [rule()])
  t.strictSame(third.spent(), [101], 'what was added after the cut-off line is whole')
  await third.journal.close()
})

t.test('the file is written anew when most of it is old', async t => {
  const file = fileOf(t)
  const first = await started(file, [rule({ limit: 1e9 })])
  for (let i = 0; i < 25_000; i++) {
    first.spend(1)
    await first.journal.flushed()
  }
  await first.journal.close()
  t.ok(statSync(file).size < 500_000, `${statSync(file).size}`)
  const second = await started(file, [rule({ limit: 1e9 })])
  t.strictSame(second.spent(), [25_000])
  await second.journal.close()
})

t.test('a file that is written anew while the disk is waited for is no error', async t => {
  const file = fileOf(t)
  const told: string[] = []
  const journal = await Journal.open({ file, syncMs: 1, onError: ({ message }) => told.push(message) })
  const ledger = new LocalLedger({ rules: [rule({ limit: 1e9 })], journal, now: () => NOON })
  for (let i = 0; i < 3_000; i++) {
    if (i % 3 === 0) rmSync(file, { force: true })
    const answer = ledger.reserve(ask({ input: 0, output: 1 }))
    if (answer.granted) ledger.settle(answer.id, used({ input: 1 }))
    await journal.flushed()
  }
  await journal.close()
  t.strictSame(told, [])
  const second = await started(file, [rule({ limit: 1e9 })])
  t.strictSame(second.spent(), [3_000])
  await second.journal.close()
})

t.test('a write that fails is told, and tried again', async t => {
  const file = fileOf(t)
  const errors: Error[] = []
  const journal = await Journal.open({ file, syncMs: 50, onError: error => errors.push(error) })
  const ledger = new LocalLedger({ rules: [rule()], journal, now: () => NOON })
  const handle: unknown = Reflect.get(journal, 'handle')
  const broken = { appendFile: async () => Promise.reject(new Error('no space')) }
  Reflect.set(journal, 'handle', broken)
  const answer = ledger.reserve(ask())
  if (answer.granted) ledger.settle(answer.id, used({ input: 5 }))
  while (errors.length === 0) await new Promise(setImmediate)
  Reflect.set(journal, 'handle', handle)
  t.equal(errors[0]?.message, 'no space')
  await journal.flushed()
  await journal.close()
  const again = await started(file, [rule()])
  t.strictSame(again.spent(), [5])
  await again.journal.close()
})

t.test('a write that broke off in a line does not spoil what comes after it', async t => {
  const file = fileOf(t)
  const errors: Error[] = []
  const journal = await Journal.open({ file, syncMs: 50, onError: error => errors.push(error) })
  const ledger = new LocalLedger({ rules: [rule()], journal, now: () => NOON })
  const handle = Reflect.get(journal, 'handle')
  const broken = {
    appendFile: async (text: string) => {
      await handle.appendFile(text.slice(0, 9))
      throw new Error('no space')
    }
  }
  Reflect.set(journal, 'handle', broken)
  const answer = ledger.reserve(ask())
  if (answer.granted) ledger.settle(answer.id, used({ input: 5 }))
  while (errors.length === 0) await new Promise(setImmediate)
  Reflect.set(journal, 'handle', handle)
  await journal.close()
  const again = await started(file, [rule()])
  t.strictSame(again.spent(), [5])
  await again.journal.close()
})

t.test('the ledger of a configuration is opened with its file, or says why it cannot be', async t => {
  const folder = t.testdir({ 'a-file': '' })
  const config = { ...rule(), period: { kind: 'calendar' as const, unit: 'month' as const }, when: [] }
  const log = createLog('silent')
  const open = (file: string | undefined, budgets = [config]) =>
    openLedger(budgets, { file, syncMs: 10 }, log, () => undefined)
  const first = await open(`${folder}/l.jsonl`)
  const answer = first.ledger.reserve(ask())
  if (answer.granted) first.ledger.settle(answer.id, used({ input: 12 }))
  await first.close()
  const second = await open(`${folder}/l.jsonl`)
  t.equal(second.ledger.report()[0]?.spent, 12)
  await second.close()
  await t.rejects(open(`${folder}/a-file/l.jsonl`), {
    code: 'GW_CONFIG_INVALID',
    message: /a-file\/l\.jsonl cannot be/
  })
  for (const none of [await open(undefined), await open(`${folder}/a-file/l.jsonl`, [])]) {
    t.equal(none.ledger.report().length, 0)
    await none.close()
  }
})

t.test('a process that is killed loses nothing that it knew to be written', async t => {
  const file = fileOf(t)
  const child = spawn(process.execPath, [fileURLToPath(new URL('spend.js', import.meta.url)), file])
  let safe = 0
  for await (const line of createInterface(child.stdout)) {
    safe = Number(line)
    if (safe === 200) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  t.equal(child.signalCode, 'SIGKILL')
  t.ok(safe >= 200)
  appendFileSync(file, '["r tokens mon') // as if it had been killed in the middle of a line
  const journal = await openJournal(file)
  const ledger = new LocalLedger({ rules: [rule({ limit: 1e9, period: calendar('month') })], journal })
  const spent = ledger.report()[0]?.spent ?? 0
  t.ok(spent >= safe && spent <= safe + 2, `${safe} were said to be safe, ${spent} are there`)
  await journal.close()
})

t.test('a ledger that another gateway uses is not opened; one that was left behind is', async t => {
  const file = fileOf(t)
  const child = spawn(process.execPath, [fileURLToPath(new URL('spend.js', import.meta.url)), file])
  await once(child.stdout, 'data')
  const lock = readFileSync(`${file}.lock`, 'utf8')
  await t.rejects(openJournal(file), { message: new RegExp(`^process ${child.pid} uses it`) })
  t.equal(readFileSync(`${file}.lock`, 'utf8'), lock, "it stays the other one's")
  child.kill('SIGKILL')
  await once(child, 'exit')

  const mine = await openJournal(file)
  await t.rejects(openJournal(file), { message: new RegExp(`^process ${process.pid} uses it`) })
  await mine.close()
  for (const left of [
    '',
    '{"pid":1}',
    lock.replace(/"pid":\d+/, `"pid":${process.pid}`),
    lock.replace(/"host":"[^"]*"/, '"host":"elsewhere"')
  ]) {
    writeFileSync(`${file}.lock`, left)
    const next = await openJournal(file)
    await next.close()
    t.throws(() => statSync(`${file}.lock`), { code: 'ENOENT' }, 'nothing is left')
  }
})
