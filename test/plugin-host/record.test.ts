import t from 'tap'
import { Arena } from '../../core/plugin-host/arena.js'
import { PluginFault } from '../../core/plugin-host/fault.js'
import { GuestMemory } from '../../core/plugin-host/guest-memory.js'
import { HOST_FUNCTIONS } from '../../core/plugin-host/imports.js'
import { ReplayTape } from '../../core/plugin-host/record/replay-tape.js'
import { RecordingTape } from '../../core/plugin-host/record/tape.js'
import { COMPUTED, TAPED, type Tape, taped } from '../../core/plugin-host/record/taped.js'
import { callOf } from '../support/pool.js'

t.test('of every host function it is said whether a replay computes it or gives back what was recorded', async t => {
  const said = [...COMPUTED, ...Object.keys(TAPED)]
  t.strictSame(said.sort(), Object.keys(HOST_FUNCTIONS.sluice).sort())
})

t.test('an arena hands on what is to be recorded, beside the hook', async t => {
  for (const record of ['all', 'faults', undefined] as const) {
    const memory = new SharedArrayBuffer(65_536)
    const arena = new Arena(memory)
    arena.begin()
    arena.add({ ...callOf([0], 'x', { hook: 'on_log' }), record })
    const [call] = new Arena(memory).readCalls(1)
    t.equal(call?.hook, 'on_log')
    t.equal(call?.record, record)
  }
})

/** A guest that calls the host functions by itself. */
function host(tape: Tape | undefined) {
  const memory = new GuestMemory(new WebAssembly.Memory({ initial: 1 }))
  const live = { answered: 0 }
  const functions = taped(
    { memory, tape, mayTape: true },
    {
      now: () => 1_000 + live.answered++,
      counter_get: () => {
        live.answered++
        throw new PluginFault('trap', 'counts without the permission "counters"')
      },
      random: (_call, ptr = 0, length = 0) => {
        live.answered++
        memory.bytes.fill(7, ptr, ptr + length)
        return undefined
      },
      sha256: () => undefined
    }
  )
  const call = (name: keyof typeof TAPED, ...args: number[]) => functions[name]?.({}, ...args)
  return { call, memory, live }
}

function recordedCalls(): RecordingTape {
  const tape = new RecordingTape()
  const { call } = host(tape)
  call('now')
  call('random', 64, 4)
  t.throws(() => call('counter_get', 0, 3), { message: /permission/ })
  return tape
}

t.test('a replay gets the same numbers, bytes and faults, and nothing is run', async t => {
  let spent = 0
  const tape = new ReplayTape(recordedCalls().calls, () => {
    spent++
  })
  const { call, memory, live } = host(tape)
  t.equal(call('now'), 1_000)
  call('random', 128, 4) // another place: a pointer is no part of what is asked
  t.strictSame([...memory.bytes.subarray(126, 134)], [0, 0, 7, 7, 7, 7, 0, 0])
  t.throws(() => call('counter_get', 0, 3), new PluginFault('trap', 'counts without the permission "counters"'))
  t.equal(live.answered, 0)
  t.equal(spent, 2, 'they count for the limit; one that failed ended the call')
  t.strictSame(tape.notes(), [])
})

t.test('what is asked for anew is done and noted, as is what is not asked for', async t => {
  const tape = new ReplayTape(recordedCalls().calls, () => undefined)
  const { call, memory, live } = host(tape)
  call('random', 0, 8)
  t.equal(live.answered, 1)
  t.equal(memory.bytes[7], 7)
  call('random', 0, 4)
  t.equal(live.answered, 1)
  t.strictSame(tape.notes(), [
    'asks for random(8); recorded was now()',
    'does not ask for now()',
    'does not ask for counter_get(\0\0\0)'.replace('\0\0\0', 'AAAA (base64)')
  ])
})

t.test('a tape is cut where a plugin makes very many host calls, and says so', async t => {
  const tape = new RecordingTape()
  const { call } = host(tape)
  for (let i = 0; i < 10_001; i++) call('now')
  t.equal(tape.calls.length, 10_000)
  t.equal(tape.cut, true)
})
