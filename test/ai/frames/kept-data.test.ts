import fc from 'fast-check'
import t from 'tap'
import { KeptData } from '../../../core/ai/frames/kept-data.js'

function kept(all: readonly string[]): string[] {
  const data = new KeptData()
  for (const each of all) data.add(each)
  return [...data.all()]
}

t.test('what was added comes back in order, whatever its size and letters', async () => {
  const word = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\u{1f600}', '\u{1f601}', '\ud83d'))
  const chunk = word.map(text => JSON.stringify({ id: 'one', choices: [{ delta: { content: text } }], usage: null }))
  const large = fc.nat(3_000).map(length => 'é'.repeat(length))
  const same = (all: readonly string[]): void => void t.strictSame(kept(all), all)
  fc.assert(fc.property(fc.array(fc.oneof(word, chunk, large), { maxLength: 40 }), same), { numRuns: 300 })
})

t.test('it is bounded: what does not fit is left out, and what fits still is not', async t => {
  const [a, b] = ['a', 'b'].map(letter => letter.repeat(600_000))
  t.strictSame(kept([a ?? '', b ?? '', 'small']), [a, 'small'])
  t.strictSame(kept([]), [])
})
