import fc from 'fast-check'
import t from 'tap'
import { bodyPrefix, padding, RequestInput, ResponseInput } from '../../core/plugin-host/abi.js'
import { decodeFault, encodeFault, FAULT_REASONS, PluginFault } from '../../core/plugin-host/fault.js'

t.test('padding says nothing', async t => {
  const head = RequestInput.encode({ context: { exchangeId: 'e' } }).finish()
  for (let size = 2; size < 12; size++) {
    const padded = Buffer.concat([head, Buffer.from(padding(size)), Buffer.from(bodyPrefix(1)), Buffer.of(7)])
    const input = RequestInput.decode(padded)
    t.strictSame([padded.length - head.length, input.context?.exchangeId, input.body[0]], [size + 3, 'e', 7])
  }
})

t.test('a body put behind the input is what the code for the message would have written', async t => {
  const request = { context: { exchangeId: 'e' }, request: { method: 'POST', path: '/x' } }
  const head = RequestInput.encode(request).finish()
  for (const length of [1, 2, 127, 128, 129, 16_383, 16_384, 65_536, 2_097_151, 2_097_152]) {
    const body = Buffer.alloc(length, 7)
    const whole = RequestInput.encode({ ...request, body }).finish()
    t.ok(Buffer.concat([head, Buffer.from(bodyPrefix(length)), body]).equals(whole), `${length} bytes`)
  }
  t.strictSame([...bodyPrefix(268_435_456)], [0x1a, 0x80, 0x80, 0x80, 0x80, 0x01], '256 MiB')
  const response = ResponseInput.encode({ context: {}, request: {}, response: { status: 200 } }).finish()
  const body = Buffer.from('body')
  const input = ResponseInput.decode(Buffer.concat([response, Buffer.from(bodyPrefix(4)), body]))
  t.equal(Buffer.from(input.body).toString(), 'body', 'the order of fields does not matter')
  t.equal(input.response?.status, 200)
})

t.test('a fault keeps its reason and message, whatever is in it', async t => {
  const message = fc.string({ unit: 'grapheme', maxLength: 200 })
  const { failed, counterexample } = fc.check(
    fc.property(fc.constantFrom(...FAULT_REASONS), message, (reason, text) => {
      const fault = decodeFault(encodeFault(new PluginFault(reason, text)))
      return fault.reason === reason && fault.message === text
    })
  )
  t.notOk(failed, JSON.stringify(counterexample))
  t.equal(decodeFault(Buffer.from('nonsense here')).reason, 'trap', 'a reason nobody knows')
  t.equal(decodeFault(Buffer.alloc(0)).reason, 'trap')
})

t.test('a message a plugin made up does not grow without end', async t => {
  const { message } = decodeFault(encodeFault(new PluginFault('denied', 'x'.repeat(1_000_000))))
  t.ok(message.length < 1_000, `${message.length} characters`)
})
