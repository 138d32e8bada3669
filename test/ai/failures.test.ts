import t from 'tap'
import { dialects } from '../../core/ai/dialects/index.js'
import type { ProviderFailure } from '../../core/ai/failure.js'
import { wish } from './dialect-parts.js'

t.test('529 is a status of Anthropic alone: elsewhere an overload is 503', async t => {
  const failure: ProviderFailure = { kind: 'overloaded', status: 529, message: 'Overloaded' }
  for (const [name, dialect] of dialects) {
    t.equal(dialect.writeFailure(failure, 'r').status, name === 'anthropic' ? 529 : 503, name)
    const within = dialect.chat.streamWriter(wish()).write({ type: 'failure', failure })
    if (name !== 'anthropic') t.notMatch(JSON.stringify(within), /529/, `${name}: within a stream`)
  }
})
