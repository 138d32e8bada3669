import { type Guest, start } from './guest.js'
import { answerType, decode, encode, inputType } from './messages.js'

/** What holds for every guest and needs no case: title and check, which says what is wrong. */
export const CONVENTIONS: readonly (readonly [title: string, check: (guest: Guest) => Promise<string[]>])[] = [
  ['it is a module the host takes, and says ABI 1', abiOne],
  ['inputs of any size come through, one after the other', anySize],
  ['nothing of one call is left in the next', nothingLeft]
]

async function abiOne({ module, abi }: Guest): Promise<string[]> {
  if (abi === 'extism') return [] // a plain Extism plugin says nothing
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(module).map(({ module: from }) => [from, new Proxy({}, { get: () => () => 0 })])
  )
  const instance = await WebAssembly.instantiate(module, imports)
  const { _initialize: initialize, sluice_abi: version } = instance.exports
  if (typeof initialize === 'function') initialize()
  const answer: unknown = typeof version === 'function' ? version() : undefined
  return answer === 1 ? [] : [`sluice_abi() is ${answer}; expected 1`]
}

const SIZES = [0, 1, 100_000, 3, 1_000_000, 65_536, 1_000_001, 0]

async function anySize(guest: Guest): Promise<string[]> {
  const settings = { on_request_body: { see: true } }
  const running = await start(guest, settings)
  await running.call('on_configure', configuration(settings))
  for (const size of SIZES) {
    const body = Buffer.alloc(size, 'x').toString('base64')
    const input = encode(inputType('on_request_body'), { request: { path: `/${size}` }, body })
    const { tags } = decode(answerType('on_request_body'), await running.call('on_request_body', input))
    const expected = { request: { path: `/${size}` }, ...(size > 0 && { body }) }
    if (!Array.isArray(tags) || JSON.stringify(JSON.parse(String(tags[1]))) !== JSON.stringify(expected)) {
      return [`a body of ${size} bytes did not come through`]
    }
  }
  return []
}

async function nothingLeft(guest: Guest): Promise<string[]> {
  const settings = { on_request: { see: true } }
  const running = await start(guest, settings)
  await running.call('on_configure', configuration(settings))
  const whole = { context: { consumer: 'ada', tags: ['a', 'b'] }, request: { path: '/', headers: ['a', 'b'] } }
  await running.call('on_request', encode(inputType('on_request'), whole))
  const { tags } = decode(answerType('on_request'), await running.call('on_request', new Uint8Array(0)))
  return Array.isArray(tags) && tags[1] === '{}' ? [] : [`after a request it saw ${tags} in an empty one`]
}

function configuration(settings: object): Uint8Array {
  return encode(inputType('on_configure'), { settings: Buffer.from(JSON.stringify(settings)).toString('base64') })
}
