import t from 'tap'
import type { MatchCondition } from '../../core/config/resolve-match.js'
import { allOf } from '../../core/gateway/conditions.js'

const holds = (condition: MatchCondition, headers: string[], query = ''): boolean | undefined =>
  allOf([condition])?.({ headers, query })
const header = (must: MatchCondition['must'], text = ''): MatchCondition => ({ of: 'header', name: 'x-a', must, text })
const query = (must: MatchCondition['must'], text = '', name = 'a'): MatchCondition => ({
  of: 'query',
  name,
  must,
  text
})
const cookie = (must: MatchCondition['must'], text = ''): MatchCondition => ({ of: 'cookie', name: 'a', must, text })

t.test('a header is compared as the one value its lines make', async t => {
  t.equal(holds(header('value', '1'), ['x-a', '1']), true)
  t.equal(holds(header('value', '1'), ['x-a', '1', 'x-b', '', 'x-a', '2']), false)
  t.equal(holds(header('value', '1, 2'), ['x-a', '1', 'x-a', '2']), true)
  t.equal(holds(header('value', ''), []), false, 'an empty one is there')
  t.equal(holds(header('value', ''), ['x-a', '']), true)
  t.equal(holds(header('prefix', 'be'), ['x-a', 'beta']), true)
  t.equal(holds(header('regex', 'v[0-9]+'), ['x-a', 'v12']), true)
  t.equal(holds(header('regex', 'v[0-9]+'), ['x-a', 'v12 ']), false, 'the whole value')
  t.equal(holds(header('present'), ['x-a', '']), true)
  t.equal(holds(header('present'), ['x-ab', '']), false)
  t.equal(holds(header('absent'), ['x-ab', '']), true)
  t.equal(holds(header('absent'), ['x-a', '']), false)
})

t.test('a query parameter is compared decoded; one of several will do', async t => {
  t.equal(holds(query('value', 'x y'), [], 'b=1&a=x%20y'), true)
  t.equal(holds(query('value', 'x y'), [], '%61=x+y'), true)
  t.equal(holds(query('value', '2'), [], 'a=1&a=2'), true)
  t.equal(holds(query('value', 'b=c'), [], 'a=b=c'), true)
  t.equal(holds(query('present'), [], 'a'), true)
  t.equal(holds(query('present'), [], 'ab=1'), false)
  t.equal(holds(query('absent'), [], ''), true)
  t.equal(holds(query('absent'), [], 'a='), false)
  t.equal(holds(query('value', '%FF'), [], 'a=%FF'), true, 'what is no text stays as it is')
})

t.test('a cookie is compared without its quotes; one of several will do', async t => {
  t.equal(holds(cookie('value', '1'), ['cookie', 'b=2; a=1']), true)
  t.equal(holds(cookie('value', '1'), ['cookie', 'b=2', 'cookie', 'a="1"']), true)
  t.equal(holds(cookie('value', '1'), ['cookie', 'A=1; ba=1; a']), false)
  t.equal(holds(cookie('value', 'x=y'), ['cookie', 'a=x=y']), true)
  t.equal(holds(cookie('absent'), ['cookie', 'b=1']), true)
  t.equal(holds(cookie('present'), []), false)
})

t.test('all conditions must hold; none at all are no condition', async t => {
  const both = allOf([header('present'), query('value', '1')])
  t.equal(both?.({ headers: ['x-a', ''], query: 'a=1' }), true)
  t.equal(both?.({ headers: ['x-a', ''], query: 'a=2' }), false)
  t.equal(allOf([]), undefined)
})
