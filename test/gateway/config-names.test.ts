import { join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../../core/config/problems.js'
import { readConfig } from '../../core/gateway/read-config.js'

const CONFIG = `ai:
  providers:
    oa: { provider: openai, keys: [key-of-the-test], models: [own] }
    only: { provider: openai, keys: [key-of-the-test], models: [few], onlyModels: true }
  models:
    good:
      strategy: fallback
      targets: [gpt-5, own, oa/anything, few, fast]
      fallbacks: { limit: [gpt-5-mini] }
    fast: gpt-4.1
    bad:
      strategy: fallback
      targets: [nope, { model: "\${env:MODEL}" }, { strategy: conditional, rules: [{ when: { stream: true }, target: owm }], default: gpt-5 }]
  budgets:
    - { name: a, when: { route: [chats, "later-*"], provider: [oa], model: [whatever] }, count: requests, limit: 1, every: day }
    - { name: b, when: { route: [chat], provider: [azure] }, count: requests, limit: 1, every: day }
routes:
  - name: chats
    match: { path: /v1/* }
    ai: { models: [good, "gpt-*", zzz], cache: { semantic: { embedding: text-embedding-9 } } }
`
const MODEL = 'expected a name of ai.models, of the models of an account or of the catalog, or account/model'

t.test('names of models, routes and accounts that stand for nothing are all told at once, with their places', t => {
  const file = join(t.testdir({ 'sluice.yaml': CONFIG }), 'sluice.yaml')
  process.env.MODEL = 'interpolated'
  t.teardown(() => delete process.env.MODEL)
  try {
    readConfig(file)
    t.fail('it was taken')
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    t.strictSame(
      thrown.problems.map(({ line, path, message }) => [line, path, message]),
      [
        [13, 'ai.models.bad.targets[0]', `there is no model "nope"; ${MODEL}`],
        [13, 'ai.models.bad.targets[1].model', `there is no model "\${env:MODEL}"; ${MODEL}`],
        [13, 'ai.models.bad.targets[2].rules[0].target', `there is no model "owm"; ${MODEL}; did you mean "own"?`],
        [16, 'ai.budgets[1].when.route[0]', 'there is no route "chat"; expected one of chats; did you mean "chats"?'],
        [16, 'ai.budgets[1].when.provider[0]', 'there is no account "azure"; expected one of oa, only'],
        [20, 'routes[0].ai.models[2]', `there is no model "zzz"; ${MODEL}`],
        [20, 'routes[0].ai.cache.semantic.embedding', `there is no model "text-embedding-9"; ${MODEL}`]
      ]
    )
  }
  t.end()
})
