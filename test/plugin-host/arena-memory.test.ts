import t from 'tap'
import { Slot } from '../../core/plugin-host/slot.js'

t.test('the memory of a slot that is closed serves the next, once', async t => {
  const slot = new Slot()
  const { usualMemory } = slot
  slot.close()
  slot.close()
  const next = new Slot()
  t.equal(next.usualMemory, usualMemory)
  t.not(new Slot().usualMemory, usualMemory)
})

t.test('that of a thread that was ended for its time is for nobody else: it may still write', async t => {
  const slot = new Slot()
  const { usualMemory } = slot
  slot.begin([])
  slot.kill(undefined, 0)
  slot.close()
  t.not(new Slot().usualMemory, usualMemory)
})

t.test('that of a batch that is not over is for nobody else', async t => {
  const slot = new Slot()
  const { usualMemory } = slot
  slot.begin([])
  slot.close()
  t.not(new Slot().usualMemory, usualMemory)
})

t.test('after a kill a slot goes on with other memory, and gives that back', async t => {
  const slot = new Slot()
  const before = slot.usualMemory
  slot.begin([])
  slot.kill(undefined, 0)
  slot.end()
  const after = slot.usualMemory
  t.not(after, before)
  slot.begin([])
  slot.end()
  slot.close()
  t.equal(new Slot().usualMemory, after)
})
