import fc from 'fast-check'
import t from 'tap'
import { RecentLists } from '../../core/base/recent-lists.js'

t.test('what was made of a list is found by the same texts, and by no others', async t => {
  // Few and short texts, so that lists come again, and others have as many characters.
  const list = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', ''), { maxLength: 3 })
  let found = 0
  fc.assert(
    fc.property(fc.array(list, { minLength: 30, maxLength: 60 }), lists => {
      const recent = new RecentLists<string>(8)
      return lists.every(list => {
        const made = recent.get(list)
        if (made !== undefined) found++
        else recent.set(list, copy => JSON.stringify(copy))
        return made === undefined || made === JSON.stringify(list)
      })
    })
  )
  t.ok(found > 100, 'many were found')
})

t.test('a list may be the first of more texts', async t => {
  const recent = new RecentLists<string>(100)
  recent.set(['a', 'b'], () => 'made')
  t.equal(recent.get(['a', 'b', 'left from before'], 2), 'made')
  t.equal(recent.get(['a', 'b', 'left from before']), undefined)
  t.equal(recent.get(['a', 'b'], 1), undefined)
})

t.test('a list that is changed afterwards stands for what it was', async t => {
  const recent = new RecentLists<string>(100)
  const list = ['a', 'b']
  recent.set(list, () => 'made')
  list[1] = 'c'
  t.equal(recent.get(['a', 'b']), 'made')
  t.equal(recent.get(list), undefined)
})

t.test('where nothing comes again little is kept; where something does, the next is kept at once', async t => {
  const recent = new RecentLists<string>(100)
  let kept = 0
  const come = (text: string) => {
    const known = recent.get([text]) !== undefined
    if (!known) recent.set([text], () => `${++kept}`)
    return known
  }
  for (let i = 0; i < 160; i++) come(String(1_000 + i))
  t.equal(kept, 10, 'one in sixteen')
  come('1144') // the last that was kept
  t.notOk(come('next'))
  t.ok(come('next'))
  t.equal(kept, 11)
})

t.test('longer lists are not kept', async t => {
  const recent = new RecentLists<string>(3)
  recent.set(['abcd'], () => t.fail('it is made') as never)
  t.equal(recent.get(['abcd']), undefined)
  recent.set(['abc'], () => 'made')
  t.equal(recent.get(['abc']), 'made')
})
