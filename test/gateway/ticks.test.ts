import { Buffer } from 'node:buffer'
import t, { type Test } from 'tap'
import type { PolicyHost } from '../../core/gateway/snapshot.js'
import { startTicks } from '../../core/gateway/ticks.js'
import { Verdict } from '../../core/plugin-host/abi.js'
import { ENTRY } from '../../core/plugin-host/arena.js'
import { bindAlone } from '../../core/plugin-host/bind-alone.js'

type Effects = Parameters<typeof Verdict.encode>[0]['effects']

/** Ticks a policy that answers with these effects, tick or answers; the rest of what happens goes to the listeners. */
function ticking(t: Test, effects: Effects, host: Partial<PolicyHost['effects']>, fault: (text: string) => void) {
  const about = { version: '1.0.0', abi: 1 as const, kind: 'traffic' as const, description: 'x' }
  const hooks = ['on_tick' as const, 'on_effect' as const]
  const binding = { ...bindAlone({ ...about, name: 'clock', hooks }, {}, { abi: 'direct' }), tickMs: 1 }
  const bytes = Buffer.from(Verdict.encode({ effects }).finish())
  const calls = { count: 0 }
  const stop = startTicks([binding], {
    plugins: {
      run: async () => {
        calls.count++
        return [{ kind: ENTRY.verdict, binding: 0, bytes }]
      }
    },
    log: new Proxy({} as PolicyHost['log'], {
      get: (_, name) =>
        name === 'fault' ? (_b: unknown, _e: unknown, { message }: Error) => fault(message) : () => undefined
    }),
    effects: { perform: async () => [], detach: () => undefined, ...host }
  })
  const alive = setInterval(() => undefined, 1_000) // the ticks' own timer keeps no process alive
  t.teardown(() => {
    stop()
    clearInterval(alive)
  })
  return { calls, stop }
}

t.test('a tick does not wait for what it asks for detached, and gets no answer to it', async t => {
  const effects = [{ id: 'a', secret: 's', detached: true }]
  const detached = await new Promise(resolve => {
    const { stop } = ticking(
      t,
      effects,
      {
        detach: (begun, _, asking) => {
          stop()
          resolve([begun.map(({ id }) => id), asking])
        },
        perform: async () => t.fail('it was waited for') as never
      },
      () => t.fail('no fault')
    )
  })
  t.strictSame(detached, [['a'], undefined])
})

t.test('a tick that asks and asks is a fault', async t => {
  const rounds = { answered: 0 }
  let calls = 0
  const message = await new Promise(resolve => {
    const policy = ticking(
      t,
      [{ id: 'a', secret: 's' }],
      {
        perform: async () => {
          rounds.answered++
          return []
        }
      },
      text => {
        policy.stop()
        calls = policy.calls.count
        resolve(text)
      }
    )
  })
  t.match(message, /asked for effects more than 4 times/)
  t.strictSame([rounds.answered, calls], [4, 5])
})
