import { Buffer } from 'node:buffer'
import t from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import type { Manifest } from '../../core/base/manifest.js'
import { exchangeOf } from '../../core/cli/plugin/case-exchange.js'
import { eachPolicy } from '../../core/gateway/ai/hooks.js'
import { runPhase } from '../../core/gateway/phase.js'
import type { PolicyHost } from '../../core/gateway/snapshot.js'
import { phasesOf } from '../../core/gateway/view.js'
import { AiVerdict } from '../../core/plugin-host/abi.js'
import { ENTRY, type Entry } from '../../core/plugin-host/arena.js'
import { bindAlone } from '../../core/plugin-host/bind-alone.js'
import { Breaker } from '../../core/plugin-host/breaker.js'
import { encodeFault, PluginFault } from '../../core/plugin-host/fault.js'

const OPEN_MS = 300
const ABOUT = {
  version: '1.0.0',
  abi: 1 as const,
  kind: 'auth' as const,
  description: 'x',
  hooks: ['on_request' as const, 'on_prompt' as const]
}

/** A route with two policies; the breaker of the first is patient when `first` failures are many. */
function route({ first = 1, failure = 'closed' as 'closed' | 'open' } = {}) {
  const clock = { now: 0 }
  const bindings = ['first', 'second'].map((name, index) => {
    const manifest: Manifest = { ...ABOUT, name }
    return { ...bindAlone(manifest, {}, { abi: 'direct', index }), failure }
  })
  const [patience, hasty] = [first, 1].map(
    failures =>
      new Breaker(
        { failures, windowMs: 1_000, openMs: OPEN_MS },
        () => undefined,
        () => clock.now
      )
  )
  const phases = phasesOf(bindings, ({ index }) => (index === 0 ? patience : hasty) as Breaker)
  const trapped = (binding: number): Entry => {
    return { kind: ENTRY.fault, binding, bytes: encodeFault(new PluginFault('trap', 'unreachable')) }
  }
  const answer = (bytes: Uint8Array): Entry => ({ kind: ENTRY.verdict, binding: 0, bytes: Buffer.from(bytes) })

  /** Runs an exchange of which the pool makes these entries, step by step of a hook. */
  async function run(hook: 'on_request' | 'on_prompt', entries: readonly Entry[] | Error): Promise<string> {
    const host: PolicyHost = {
      plugins: {
        run: async ({ steps }) => {
          if (entries instanceof Error) throw entries
          return entries.filter(({ binding }) => steps.some(step => step.binding === binding))
        }
      },
      log: new Proxy({} as PolicyHost['log'], { get: () => () => undefined }),
      effects: { perform: async () => [], detach: () => undefined }
    }
    const exchange = exchangeOf({ expect: {} })
    try {
      if (hook === 'on_request') {
        await runPhase({ hook, steps: phases.on_request, told: {}, body: Buffer.alloc(0) }, exchange, host)
      } else {
        const call = { route: { phases }, exchange, snapshot: host }
        const given = { input: () => Buffer.alloc(0), apply: () => undefined }
        if ((await eachPolicy(hook, call, given)) !== undefined) return 'reply'
      }
      return exchange.tags.length === 0 ? 'passed' : exchange.tags.join(' ')
    } catch (thrown) {
      return (thrown as GatewayError).code
    }
  }
  const later = () => {
    clock.now += OPEN_MS
  }
  return { run, later, trapped, answer }
}

for (const hook of ['on_request', 'on_prompt'] as const) {
  t.test(`${hook}: two policies that trapped together come back together`, async t => {
    const { run, later, trapped } = route({ failure: 'open' })
    t.equal(await run(hook, [trapped(0), trapped(1)]), 'failed-open first failed-open second')
    t.equal(await run(hook, []), 'failed-open first failed-open second', 'they are passed over')
    later()
    t.equal(await run(hook, []), 'passed')
    t.equal(await run(hook, []), 'passed')
  })

  t.test(`${hook}: a probe in which the policy before fails closed is given to the next`, async t => {
    const { run, later, trapped } = route({ first: 1_000 })
    await run(hook, [trapped(1)])
    t.equal(await run(hook, []), 'GW_PLUGIN_SUSPENDED')
    later()
    t.equal(await run(hook, [trapped(0)]), 'GW_PLUGIN_FAILED')
    t.equal(await run(hook, []), 'passed')
  })

  t.test(`${hook}: a probe that finds the pool overloaded is given to the next`, async t => {
    const { run, later, trapped } = route({ first: 1_000 })
    await run(hook, [trapped(1)])
    later()
    t.equal(await run(hook, new GatewayError('GW_OVERLOADED', 'no room')), 'GW_OVERLOADED')
    t.equal(await run(hook, []), 'passed')
  })

  t.test(`${hook}: a probe that the breaker of a later policy refuses is given to the next`, async t => {
    const { run, later, trapped } = route()
    await run(hook, [trapped(0)])
    later()
    await run(hook, [trapped(1)]) // the first is probed, and well
    await run(hook, [])
    later()
    t.equal(await run(hook, []), 'passed')
    await run(hook, [trapped(0)])
    later()
    await run(hook, [trapped(1)])
    t.equal(await run(hook, []), 'GW_PLUGIN_SUSPENDED')
    later()
    t.equal(await run(hook, []), 'passed')
  })
}

t.test('on_prompt: a probe that another policy keeps from its plugin, by a reply, is given to the next', async t => {
  const { run, later, trapped, answer } = route({ first: 1_000 })
  const reply = AiVerdict.encode({ verdict: { reply: { status: 403 } } }).finish()
  await run('on_prompt', [trapped(1)])
  later()
  t.equal(await run('on_prompt', [answer(reply)]), 'reply')
  t.equal(await run('on_prompt', []), 'passed')
})
