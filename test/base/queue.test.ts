import fc from 'fast-check'
import t from 'tap'
import { Queue, type Queued } from '../../core/base/queue.js'

class Item implements Queued<Item> {
  queue: Queue<Item> | undefined
  before: Item | undefined
  behind: Item | undefined
}

t.test('first come, first served, whoever leaves in between', async () => {
  const step = fc.record({ act: fc.constantFrom('push', 'shift', 'remove'), n: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const queue = new Queue<Item>()
      const model: Item[] = []
      for (const { act, n } of steps) {
        if (act === 'push') {
          const item = new Item()
          queue.push(item)
          model.push(item)
        } else if (act === 'shift') {
          if (queue.shift() !== model.shift()) return false
        } else if (model.length > 0) {
          const [item] = model.splice(n % model.length, 1)
          if (item !== undefined) queue.remove(item)
        }
        if (queue.length !== model.length || queue.first !== model[0] || queue.last !== model.at(-1)) return false
      }
      return true
    })
  )
})

t.test('who has left leads to nobody: one that is old does not keep those that came later', async t => {
  const queue = new Queue<Item>()
  const items = [new Item(), new Item(), new Item()]
  for (const item of items) queue.push(item)
  const [first, second, third] = items
  queue.shift()
  if (second !== undefined) queue.remove(second)
  queue.shift()
  if (second !== undefined) queue.remove(second) // no more than once
  t.equal(queue.length, 0)
  t.strictSame([first, second, third], [new Item(), new Item(), new Item()])
  t.equal(queue.first, undefined)
  t.equal(queue.last, undefined)
})
