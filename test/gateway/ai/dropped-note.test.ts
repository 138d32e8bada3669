import t from 'tap'
import { droppedNote, headerText } from '../../../core/gateway/ai/dropped-note.js'

t.test('few places are named each by itself, many of a kind as their kind', async t => {
  t.equal(droppedNote(['top_k', 'messages[3].content[0].thinking']), 'top_k, messages[3].content[0].thinking')
  const many = Array.from({ length: 600 }, (_, i) => `messages[${i}].content[0].thinking`)
  t.equal(droppedNote(['seed', ...many, 'tools[0].strict']), 'seed, messages[*].content[*].thinking, tools[0].strict')
})

t.test('a list stays short, and says how much it leaves out', async t => {
  const note = droppedNote(Array.from({ length: 500 }, (_, i) => `member_${i}_of_a_client`))
  t.ok(note.length < 1_024, `${note.length} characters`)
  const listed = note.split(', ')
  t.equal(listed.pop(), `+${500 - listed.length} more`)
  t.ok(droppedNote(['x'.repeat(9_000)]).length < 100, 'one name, however long')
})

t.test('what a client wrote makes no other header and no other name', async t => {
  t.equal(droppedNote(['a, b', 'é\r\nx: 1']), 'a? b, ???x: 1')
  t.equal(headerText('gpt\r\nset-cookie: a', 256), 'gpt??set-cookie: a')
  t.equal(headerText('m'.repeat(20), 10), 'mmmmmmm...')
})
