import t from 'tap'
import { Verdict } from '../../core/plugin-host/abi.js'
import { checkEffects } from '../../core/plugin-host/effect-checks.js'
import { grants } from '../../core/plugin-host/permissions.js'

const granted = grants({ store: true }, 'asked', {})

function check(effects: NonNullable<Parameters<typeof Verdict.encode>[0]['effects']>): void {
  checkEffects(Verdict.decode(Verdict.encode({ effects }).finish()).effects, granted, true, 'on_effect')
}

t.test('two effects that are waited for have two ids, and the store is asked for what it does', async t => {
  const kv = { kind: 1, key: 'k' }
  check([
    { id: 'a', kv },
    { id: 'b', kv },
    { kv, detached: true },
    { kv, detached: true }
  ])
  t.throws(
    () =>
      check([
        { id: 'a', kv },
        { id: 'a', kv }
      ]),
    { reason: 'output', message: /two effects with the id "a"/ }
  )
  t.throws(() => check([{ id: 'a', kv: { kind: 9, key: 'k' } }]), { reason: 'output', message: /does not do: 9/ })
})
