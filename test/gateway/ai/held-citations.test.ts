import fc from 'fast-check'
import t from 'tap'
import type { ChatEvent } from '../../../core/ai/events.js'
import { HeldCitations } from '../../../core/gateway/ai/held-citations.js'

type OfChoice = Extract<ChatEvent, { choice: number }>

const text = (text: string): OfChoice => ({ type: 'text', choice: 0, text })
const finish: OfChoice = { type: 'finish', choice: 0, reason: 'stop' }
const cited = (start_index?: number, end_index?: number): OfChoice => {
  return { type: 'annotation', choice: 0, annotation: { type: 'url_citation', url: 'u', start_index, end_index } }
}
const quoting: OfChoice = { type: 'native', choice: 0, data: { cited_text: 'SECRET' }, unquoted: { cited_text: '' } }
const bare: OfChoice = { type: 'native', choice: 0, data: { cited_text: '' } }

/** What goes out of each event, of a choice that policies hold or change as told. */
function played(steps: readonly [event: OfChoice, out: readonly ChatEvent[], held?: boolean][]): ChatEvent[][] {
  const held = new HeldCitations()
  return steps.map(([event, out, isHeld = false]) => held.beside(0, event, out, isHeld))
}

t.test('citations of a text that no policy touched pass as they came', async t => {
  const events = [text('one '), cited(0, 3), quoting, text('two'), cited(4, 7), finish]
  t.strictSame(
    played(events.map(event => [event, [event]])),
    events.map(event => [event])
  )
})

t.test('behind a change they move, quote nothing, and are none of what was changed', async t => {
  const out = played([
    [text('a SECRET b'), [text('a *** b')]],
    [cited(0, 1), [cited(0, 1)]],
    [cited(2, 8), [cited(2, 8)]],
    [cited(9, 10), [cited(9, 10)]],
    [cited(), [cited()]],
    [quoting, [quoting]]
  ])
  t.strictSame(out.slice(1), [[cited(0, 1)], [], [cited(6, 7)], [cited()], [bare]])
})

t.test('while text is held back they wait for it, and go before the end', async t => {
  t.strictSame(
    played([
      [text('a SEC'), [text('a ')], true],
      [quoting, [quoting], true],
      [cited(2, 8), [cited(2, 8)], true],
      [text('RET b'), [text('*** b')]],
      [finish, [finish]]
    ]),
    [[text('a ')], [], [], [text('*** b'), bare], [finish]],
    'changed when it came out'
  )
  t.strictSame(
    played([
      [text('a sec'), [text('a ')], true],
      [quoting, [quoting], true],
      [finish, [text('sec'), finish]]
    ]),
    [[text('a ')], [], [text('sec'), quoting, finish]],
    'as it came when it came out'
  )
})

t.test('what is let go of by the clock counts, too', async t => {
  const held = new HeldCitations()
  held.beside(0, text('abc'), [], true)
  t.strictSame(held.beside(0, cited(0, 3), [cited(0, 3)], true), [])
  t.strictSame(held.beside(0, undefined, [text('abc')], false), [text('abc'), cited(0, 3)])
})

t.test('choices have nothing to do with each other', async t => {
  const held = new HeldCitations()
  held.beside(0, text('abc'), [text('x')], false)
  const other: OfChoice = { ...quoting, choice: 1 }
  t.strictSame(held.beside(1, other, [other], false), [other])
})

t.test('whatever is held, a citation that goes out names the passage that it named', async t => {
  const word = fc.stringMatching(/^[a-d]{1,3}$/)
  const step = fc.record({ word, cite: fc.boolean(), hold: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: -1, max: 11 }), (steps, masked) => {
      const held = new HeldCitations()
      let was = ''
      let now = ''
      let back = ''
      const passages: string[] = []
      const told: Extract<ChatEvent, { type: 'annotation' }>[] = []
      const take = (events: readonly ChatEvent[]) => {
        for (const each of events) {
          if (each.type === 'text') now += each.text
          if (each.type === 'annotation') told.push(each)
        }
      }
      for (const [i, { word, cite, hold }] of steps.entries()) {
        const from = was.length
        was += word
        const made = back + (i === masked ? '*' : word)
        back = hold ? made : ''
        take(held.beside(0, text(word), hold ? [] : [text(made)], hold))
        if (!cite) continue
        const event = cited(from, was.length)
        passages.push(word)
        take(held.beside(0, event, [event], hold))
      }
      take(held.beside(0, finish, [...(back === '' ? [] : [text(back)]), finish], false))
      const names = told.map(({ annotation: { start_index: from, end_index: to } }) => now.slice(from, to))
      const lost = masked in steps ? steps.length : 0
      return names.every(name => passages.includes(name)) && names.length + lost >= passages.length
    }),
    { numRuns: 2000 }
  )
  t.pass('2000 streams')
})
