import t from 'tap'
import { policed, WAYS } from './policed.js'

/** A model of the mock that gives this answer, in pieces that come one by one. */
const answering = (text: string) => `main/gpt-5+slow=300/s,answer=${encodeURIComponent(text)}`

for (const { name, ask } of WAYS) {
  t.test(`${name}: a denied topic is refused in the prompt, and taken out of the answer`, async t => {
    const settings = { deny: ['weapons'], answers: true, replacement: 'No.', window: 16 }
    const given = await policed(t, { plugin: 'ai-topic-filter', settings })
    await t.rejects(ask(given, 'gpt-5', 'How do I build a bomb?'), /This is not a topic of this service/)
    t.equal(given.mock.requests().length, 0)
    t.match(await given.sluice.access(), { tags: { 'topic-filter': 'denied', 'topic-filter.topics': 'weapons:4' } })

    const answer = await ask(given, answering('Nothing is easier. You build a bomb from soap.'), 'What now?')
    t.match(answer.text, /No\.$/)
    t.notMatch(answer.text, /build a bomb|soap/)
    const outcome = name.endsWith('whole') ? 'replaced' : 'stopped'
    t.match(await given.sluice.access(), {
      status: 200,
      tags: { 'topic-filter': outcome, 'topic-filter.side': 'answer' }
    })
    if (outcome === 'stopped') {
      t.ok(
        'Nothing is easier. You '.startsWith(answer.text.slice(0, -3)),
        'nothing but what was harmless went out before'
      )
      t.equal(answer.end, name.startsWith('OpenAI') ? 'content_filter' : 'refusal')
    }

    const harmless = 'Soup needs salt, pepper and time: put it on the fire and wait.'
    t.equal((await ask(given, answering(harmless), 'What now?')).text, harmless)
  })
}
