import t from 'tap'
import { CASE_NAMES } from '../../bench/cases.js'
import { parseOptions } from '../../bench/options.js'

t.test('without options every case runs, fifteen rounds of a second', async t => {
  const options = parseOptions([])
  t.match(options, { rounds: 15, seconds: 1, strict: false })
  t.strictSame(options.cases, CASE_NAMES)
  t.equal(options.connections, undefined)
})

t.test('cases, rounds, seconds, connections and the file can be chosen', async t => {
  const args = '--case one --case soak --rounds 2 --seconds 1 --connections 8 --json out.json --strict'.split(' ')
  t.match(parseOptions(args), {
    cases: ['one', 'soak'],
    rounds: 2,
    seconds: 1,
    connections: 8,
    json: 'out.json',
    strict: true
  })
})

t.test('what cannot be meant is refused by name', async t => {
  t.throws(() => parseOptions(['--case', 'fast']), /--case fast: there is no such case/)
  t.throws(() => parseOptions(['--rounds', '0']), /--rounds 0: expected a whole number/)
  t.throws(() => parseOptions(['--seconds', '1.5']), /--seconds 1.5/)
  t.throws(() => parseOptions(['--fast']), /--fast/)
})

t.test('"ai" stands for every case of the AI gateway', async t => {
  const { cases, portkey } = parseOptions(['--case', 'ai', '--portkey'])
  t.strictSame(
    cases,
    CASE_NAMES.filter(name => name.startsWith('ai-'))
  )
  t.ok(cases.includes('ai-stream-across'))
  t.ok(portkey)
})
