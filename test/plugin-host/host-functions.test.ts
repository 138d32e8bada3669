import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Permissions } from '../../core/base/manifest.js'
import { RequestInput } from '../../core/plugin-host/abi.js'
import { HOST_FUNCTIONS } from '../../core/plugin-host/imports.js'
import type { PluginPool } from '../../core/plugin-host/pool.js'
import { fixtureGuest, ROOT } from '../plugin-sdk/guest.js'
import { ALL, callOf, faults, logs, openPool, verdicts } from '../support/pool.js'
import { guest as watGuest } from '../support/wat.js'

const folder = 'test/fixtures/guests/host'
await import('../../core/cli/plugin/build.js').then(({ buildPlugin }) =>
  buildPlugin(join(ROOT, folder), { quiet: true })
)
const wasm = readFileSync(join(ROOT, folder, 'build/host.wasm'))
const LIMITS = { memoryPages: 512, timeoutMs: 5_000, hostCalls: 1_000_000 }

type T = Parameters<typeof openPool>[0]

async function open(t: T, settings: unknown = {}, permissions: Permissions = ALL, threads = 1): Promise<PluginPool> {
  const pool = await openPool(t, [{ wasm, settings, permissions, limits: LIMITS }], { threads })
  const failures = await pool.prepare()
  if (failures[0] !== undefined) throw new Error(failures[0].message)
  return pool
}

function call(pool: PluginPool, path: string, query = '', body: Buffer | string = ' ') {
  const input = RequestInput.encode({ request: { path, query } }).finish()
  return pool.run(callOf([0], input, { hook: 'on_request_body', body }))
}

async function reply(pool: PluginPool, path: string, query = '', body: Buffer | string = ' '): Promise<string> {
  const entries = await call(pool, path, query, body)
  const [fault] = faults(entries)
  if (fault !== undefined) return `fault: ${fault.message}`
  return Buffer.from(verdicts(entries)[0]?.reply?.body ?? '').toString()
}

t.test('a plugin keeps values, which all its threads and instances see', async t => {
  const pool = await open(t, {}, ALL, 2)
  t.equal(await reply(pool, '/kv/get', 'k'), 'null')
  t.equal(await reply(pool, '/kv/set', 'k&60000', 'a value of ünicode'), 'true')
  t.equal(await reply(pool, '/kv/get', 'k'), 'a value of ünicode')
  t.equal(await reply(pool, '/kv/get', '__proto__'), 'null')
  t.equal(await reply(pool, '/kv/set', '__proto__&60000', 'x'.repeat(5_000)), 'true')
  t.equal((await reply(pool, '/kv/get', '__proto__')).length, 5_000, 'larger than the room it is first given')
  t.equal(await reply(pool, '/kv/swap', 'k&wrong', 'new'), 'false')
  t.equal(await reply(pool, '/kv/swap', 'k&a value of ünicode', 'new'), 'true')
  t.equal(await reply(pool, '/kv/swap', 'other', 'first'), 'true')
  t.equal(await reply(pool, '/kv/swap', 'other', 'second'), 'false', 'there is one')
  t.equal(await reply(pool, '/kv/delete', 'k'), 'true')
  t.equal(await reply(pool, '/kv/delete', 'k'), 'false')
  t.equal(await reply(pool, '/kv/set', 'k&0', 'v'), 'false', 'no time')
  t.equal(await reply(pool, '/kv/set', 'k&1000', Buffer.alloc(65_537)), 'false', 'too large')
  await Promise.all(Array.from({ length: 400 }, () => reply(pool, '/kv/count', 'n')))
  t.equal(await reply(pool, '/kv/get', 'n'), '400')
})

t.test('without the permission nothing is kept, and the fault says so', async t => {
  const pool = await open(t, {}, { ...ALL, kv: false })
  t.equal(await reply(pool, '/kv/get', 'k'), 'fault: keeps values without the permission "kv"')
})

t.test('a match is told with its groups', async t => {
  const pool = await open(t, { pattern: '(\\d+)-(x)?(?P<last>[a-z]+)' })
  t.equal(await reply(pool, '/regex', '0', 'é 12-abc 3-xd'), '3-9 12-abc,3-5 12,-1--1 ,6-9 abc,')
  t.equal(await reply(pool, '/regex', '9', 'é 12-abc 3-xd'), '10-14 3-xd,10-11 3,12-13 x,13-14 d,')
  t.equal(await reply(pool, '/regex', '9&here', 'é 12-abc 3-xd'), 'null', 'the blank is none')
  t.equal(await reply(pool, '/regex', '10&here', 'é 12-abc 3-xd'), '10-14 3-xd,10-11 3,12-13 x,13-14 d,')
  t.equal(await reply(pool, '/regex', '99', 'é 12-abc'), 'null', 'behind the end')
})

t.test('groups lie where JavaScript says', async t => {
  const pool = await open(t, { pattern: '(a+)(b)?(c|d*)' })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', ' '), minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(text, async text => {
      const match = /(a+)(b)?(c|d*)/d.exec(text)
      const all = match?.indices?.map((at, i) => `${at?.[0] ?? -1}-${at?.[1] ?? -1} ${match[i] ?? ''},`).join('')
      return (await reply(pool, '/regex', '0', text)) === (all ?? 'null')
    }),
    { numRuns: 100 }
  )
})

t.test('PBKDF2 is what Node makes of it; other hashes and too many iterations are refused', async t => {
  const pool = await open(t)
  for (const bits of ['256', '512']) {
    const expected = pbkdf2Sync('pässword', 'salt of the tests', 1_234, Number(bits) / 8, `sha${bits}`).toString('hex')
    t.equal(await reply(pool, '/pbkdf2', `1234&${bits}`, 'pässword'), expected)
  }
  t.equal(await reply(pool, '/pbkdf2', '1000001&256', 'p'), '')
  t.equal(await reply(pool, '/pbkdf2', '0&256', 'p'), '')
  t.equal(await reply(pool, '/pbkdf2', '1&384', 'p'), '')
})

t.test('places of the body are read and changed by JSON pointer', async t => {
  const pool = await open(t)
  const body = '{"a":[1,{"b":"é"}],"x/y":{"~":2},"__proto__":{"p":1},"long":"'.concat('l'.repeat(3_000), '"}')
  t.equal(await reply(pool, '/json/get', '/a/1/b', body), '"é"')
  t.equal(await reply(pool, '/json/get', '/x~1y/~0', body), '2')
  t.equal(await reply(pool, '/json/get', '/__proto__', body), '{"p":1}')
  t.equal(await reply(pool, '/json/get', '/constructor', body), 'null', 'only what is in the text')
  for (const none of ['/a/2', '/a/01', '/a/-', 'a', '/~2', '/a/length']) {
    t.equal(await reply(pool, '/json/get', none, body), 'null', none)
  }
  t.equal((await reply(pool, '/json/get', '/long', body)).length, 3_002)
  t.equal(await reply(pool, '/json/get', '', '[1]'), '[1]')
  const edit = async (query: string, json: string) => {
    const [verdict] = verdicts(await call(pool, '/json/edit', query, json))
    return [verdict?.tags[1], Buffer.from(verdict?.body ?? '').toString()]
  }
  t.strictSame(await edit('/a/0&/a/-', '{"a":[1,2]}'), ['true true', '{"a":[2,{"new":true}]}'])
  t.strictSame(await edit('/a&/__proto__', '{"a":1}'), ['true true', '{"__proto__":{"new":true}}'])
  t.strictSame(await edit('/z&/a/b/c', '{"a":1}'), ['false false', '{"a":1}'])
  t.strictSame(await edit('/z&', '{"a":1}'), ['false true', '{"new":true}'])
  t.strictSame(await edit('/0&/5', '[1,2]'), ['true false', '[2]'], 'an array has no holes')
})

t.test('numbers of the body that JavaScript has none for keep their text', async t => {
  const pool = await open(t)
  const numbers = ['1e400', '-1E+400', '12345678901234567890', '0.1000000000000000055511151231257827', '1e3']
  const body = `{"n":[${numbers.join(' ,\n')}],"0":"1e400 \\" 1e9","short":[1.50,-7,0]}`
  for (const [index, number] of numbers.entries()) t.equal(await reply(pool, '/json/get', `/n/${index}`, body), number)
  t.equal(await reply(pool, '/json/get', '/n', body), `[${numbers.join()}]`)
  t.equal(await reply(pool, '/json/get', '/0', body), '"1e400 \\" 1e9"', 'a string is none')
  t.equal(await reply(pool, '/json/get', '/short', body), '[1.5,-7,0]')
  const [verdict] = verdicts(await call(pool, '/json/edit', '/0&/new', body))
  t.equal(
    Buffer.from(verdict?.body ?? '').toString(),
    `{"n":[${numbers.join()}],"short":[1.5,-7,0],"new":{"new":true}}`
  )
  t.equal(await reply(pool, '/json/get', '', '1e400'), '1e400', 'the whole is one')
  for (const wrong of [
    '01e9',
    '1.',
    '1e',
    '-',
    '1.0e0.0',
    '{1e9:2}',
    '{1e9 :2}',
    '[1e9 2e9]',
    '1e9"a"',
    'true1e9',
    '+1e9',
    '1-2e5'
  ]) {
    t.equal(await reply(pool, '/json/edit', '/a&/b', wrong), 'no JSON', wrong)
  }
})

t.test('a byte order mark before the body is passed over', async t => {
  const pool = await open(t)
  t.equal(await reply(pool, '/json/get', '/a', '\ufeff{"a":1}'), '1')
  t.equal(await reply(pool, '/json/get', '', '\ufeff'), 'null')
  t.equal(await reply(pool, '/json/edit', '/a&/b', '\ufeff\ufeff{}'), 'no JSON', 'but one alone')
})

t.test('what is no JSON, or too deep, is no document; and the next call has its own', async t => {
  const pool = await open(t)
  t.equal(await reply(pool, '/json/edit', '/a&/b', '{"a":'), 'no JSON')
  t.equal(await reply(pool, '/json/edit', '/a&/b', `${'['.repeat(257)}${']'.repeat(257)}`), 'no JSON')
  t.match(await reply(pool, '/json/get', '', `${'['.repeat(256)}${']'.repeat(256)}`), /^\[{256}\]{256}$/)
  t.equal(await reply(pool, '/json/get', '/a', '{"a":1}'), '1')
  t.equal(await reply(pool, '/json/get', '/a', '{"a":2}'), '2')
})

t.test('words are found in one pass, with their places', async t => {
  const plain = await open(t, { words: ['he', 'she', 'hers', 'é'] })
  t.equal(await reply(plain, '/words', '9', 'ushers é'), '1@1-4 0@2-4 2@2-6 3@7-9')
  t.equal(await reply(plain, '/words', '2', 'ushers é'), '1@1-4 0@2-4', 'no more than are wanted')
  t.equal(await reply(plain, '/words', '9', 'USHERS É'), '')
  const folding = await open(t, { words: ['Straße', 'ЖАБА'], foldsCase: true })
  t.equal(await reply(folding, '/words', '9', 'STRAßE жаба'), '0@0-7 1@8-16')
  const whole = await open(t, { words: ['ass', 'ünder'], whole: true })
  t.equal(await reply(whole, '/words', '9', 'class ass, ass_ xünder ünder'), '0@6-9 1@24-30')
  await t.rejects(open(t, { words: [] }), /no words/)
  await t.rejects(open(t, { words: ['a', ''] }), /no words/)
})

t.test('every place of every word is found, and no other', async t => {
  const unit = fc.constantFrom('a', 'b', 'é')
  const words = fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  const { WordFinder } = await import('../../core/plugin-host/word-finder.js')
  const property = fc.property(words, fc.string({ unit, maxLength: 20 }), (words, text) => {
    const found = WordFinder.of(words, { foldsCase: false, whole: false })?.find(Buffer.from(text), 1_000) ?? []
    const expected: string[] = []
    for (const [i, word] of words.entries()) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
        const start = Buffer.byteLength(text.slice(0, at))
        expected.push(`${i}@${start}-${start + Buffer.byteLength(word)}`)
      }
    }
    const got = found.map(({ word, start, end }) => `${word}@${start}-${end}`)
    return got.sort().join() === expected.sort().join()
  })
  t.doesNotThrow(() => fc.assert(property))
})

t.test('tokens are counted as the models do, once the encoding is ready', async t => {
  const pool = await open(t, { encoding: 'cl100k_base', load: true })
  t.equal(await reply(pool, '/tokens', '', 'Hello world, how are you?'), '7')
  t.equal(await reply(pool, '/tokens', '', '<|endoftext|>'), '7', 'a special token in a text is text')
  t.ok(Number(await reply(pool, '/tokens', '', 'a'.repeat(100_000))) > 12_000, 'in a time that is no square')
  t.equal(await reply(pool, '/tokens', '', Buffer.alloc((1 << 20) + 1, 97)), '-1')
  const unready = await open(t, { encoding: 'o200k_base' })
  t.match(await reply(unready, '/tokens', '', 'x'), /which it did not use in on_configure/)
  await t.rejects(open(t, { encoding: 'none', load: true }), /no such encoding/)
})

t.test('a schema says what is wrong, and where', async t => {
  const schema = {
    type: 'object',
    required: ['model'],
    additionalProperties: false,
    properties: {
      model: { type: 'string', pattern: '^[a-z0-9-]+$' },
      'a/b c': { type: 'integer' },
      list: { type: 'array', uniqueItems: true, items: { $ref: '#/$defs/item' } }
    },
    $defs: { item: { type: 'object', properties: { next: { $ref: '#/$defs/item' }, id: { format: 'uuid' } } } }
  }
  const pool = await open(t, { schema: JSON.stringify(schema) })
  t.equal(await reply(pool, '/schema', '9', '{"model":"m-1","list":[{"next":{"next":{}}}]}'), '')
  t.equal(await reply(pool, '/schema', '9', '{}'), ': must have required properties model\n')
  t.equal(await reply(pool, '/schema', '9', '{"model":"M"}'), '/model: must match pattern "^[a-z0-9-]+$"\n')
  t.equal(await reply(pool, '/schema', '9', '{"model":"m","a/b c":"x"}'), '/a~1b c: must be integer\n')
  t.equal(
    await reply(pool, '/schema', '9', '{"model":"m","list":[{"a":1,"b":2},{"b":2,"a":1}]}').then(text => text),
    '/list: must not have duplicate items\n'
  )
  t.match(
    await reply(pool, '/schema', '9', '{"model":"m","list":[{"next":{"next":1}}]}'),
    '/list/0/next/next: must be object'
  )
  t.match(
    await reply(pool, '/schema', '9', '{"model":"m","list":[{"id":"x"}]}'),
    '/list/0/id: must match format "uuid"'
  )
  t.match(await reply(pool, '/schema', '9', '{"model":"m","__proto__":1}'), '/__proto__: must not be there')
  const many = JSON.stringify({ model: 'm', list: Array.from({ length: 5_000 }, (_, i) => i) })
  t.equal((await reply(pool, '/schema', '3', many)).trim().split('\n').length, 3, 'no more than are wanted')
  t.equal((await reply(pool, '/schema', '100', many)).trim().split('\n').length, 100, 'more than fit at first')
  t.equal(await reply(pool, '/schema', '9', '{"model":'), 'no JSON')
})

t.test('a schema that would cost more than it should, or reaches outside, is refused with the place', async t => {
  const refused: [schema: unknown, why: RegExp][] = [
    [{ $ref: 'https://example.com/x' }, /\/\$ref: "https:\/\/example.com\/x" is not in this document/],
    [{ $ref: 'other.json#/a' }, /is not in this document/],
    [{ $ref: '#/nope' }, /there is nothing at "#\/nope"/],
    [{ $ref: '#nope' }, /there is no anchor "nope"/],
    [
      { properties: { a: { $ref: '#/properties/b' }, b: { $ref: '#/properties/a' } } },
      /refers to itself without an end/
    ],
    [{ properties: { a: { pattern: '(a)\\1' } } }, /\/properties\/a\/pattern: /],
    [{ pattern: '(?=a)' }, /\/pattern: /],
    [{ patternProperties: { '^(a+)+$': {} } }, /repeats more than once/],
    [{ type: 'text' }, /\/type: there is no type "text"/],
    [{ minimum: '1' }, /\/minimum is no number/],
    [{ items: 5 }, /\/items is neither an object nor a boolean/],
    [{ $dynamicRef: '#x' }, /is not supported/],
    ['no schema', /is no JSON object/]
  ]
  for (const [schema, why] of refused) await t.rejects(open(t, { schema: JSON.stringify(schema) }), why, String(why))
  await t.rejects(open(t, { schema: '{' }), /is no JSON object/)
})

t.test('nothing of a schema becomes code, whatever it is called', async t => {
  const name = `'];globalThis.broken=1;//"\`$${'{globalThis.broken=1}'}`
  const schema = { properties: { [name]: { const: name } }, required: [name], additionalProperties: false }
  const pool = await open(t, { schema: JSON.stringify(schema) })
  t.equal(await reply(pool, '/schema', '9', JSON.stringify({ [name]: name })), '')
  t.equal(Reflect.get(globalThis, 'broken'), undefined)
})

t.test('patterns of a schema take time that grows with the text alone', async t => {
  const pool = await open(t, { schema: '{"pattern":"^(a+)+$"}' })
  t.match(await reply(pool, '/schema', '9', JSON.stringify(`${'a'.repeat(50_000)}!`)), /must match pattern/)
})

t.test('log lines have fields, whose names are never the gateway’s own', async t => {
  const pool = await open(t)
  const line = async (query: string) => logs(await call(pool, '/log', query, 'said'))[0]
  t.equal(await line('tenant&a "b"'), '6{"tenant":"a \\"b\\"","n":1.5,"big":12,"yes":true}\nsaid')
  t.match(await line('level&x'), /^6\{"field_level":"x"/)
  t.match(await line('__proto__&x'), /^6\{"field___proto__":"x"/)
  t.match(await line('a b\n&x'), /^6\{"a_b_":"x"/)
  t.match(await line(`t&${'x'.repeat(600)}`), /"t":"x{512}…"/)
})

/** Every function that takes pointers, with one that leads nowhere; the number is how many i32 come before what is f64. */
/** They look at no pointer, or at none without what they need a handle of. */
const POINTERLESS = /^(now|monotonic|metric_.*|verify|regex_match|regex_find_all|words_find|schema_check)$/
/** They fault at their first call here: nothing is declared, nothing made ready. */
const FAULTY = /^(metric_.*|tokens_count)$/

/** A guest that calls the host function so many times, with this for every argument. */
function caller(name: string, signature: string, value: string, times: number): Uint8Array {
  const [taken = '', given = ''] = signature.replace(/[(),]/g, '').split(/ ?-> ?/)
  const values = taken.split(' ').flatMap(type => (type === '' ? [] : `(${type}.const ${value})`))
  return watGuest({
    imports: `(import "sluice" "${name}" (func $host (param ${taken}) ${given && `(result ${given})`}))`,
    hooks: { on_request: `${`(call $host ${values.join(' ')})${given && '(drop)'}`.repeat(times)} (i32.const 0)` }
  })
}

/** What is said to each of them: the host function's name, then the fault. */
async function saidTo(t: T, names: readonly string[], bound: readonly Parameters<typeof openPool>[1][number][]) {
  const pool = await openPool(t, bound)
  const said: string[] = []
  for (const [index, name] of names.entries())
    said.push(`${name}: ${faults(await pool.run(callOf([index], 'x')))[0]?.message}`)
  return said
}

const FUNCTIONS = Object.entries(HOST_FUNCTIONS.sluice)

t.test('no host function takes a pointer that leads outside of the memory', async t => {
  const all = FUNCTIONS.filter(([name]) => !POINTERLESS.test(name))
  const bound = all.map(([name, signature]) => caller(name, signature, '0x7fffff', 1))
  const names = all.map(([name]) => name)
  for (const said of await saidTo(t, names, bound)) t.match(said, /outside its memory/)
})

t.test('every host function counts against the calls a hook may make', async t => {
  const bound = FUNCTIONS.map(([name, signature]) => {
    const hostCalls = FAULTY.test(name) ? 0 : 2
    return { wasm: caller(name, signature, '0', hostCalls + 1), limits: { hostCalls } }
  })
  const names = FUNCTIONS.map(([name]) => name)
  for (const said of await saidTo(t, names, bound)) t.match(said, /more host calls than its limit/)
})

t.test('counters, buckets, keys and values need their permission', async t => {
  const all = FUNCTIONS.filter(([name]) => /^(bucket_take|counter_|kv_)/.test(name))
  const bound = all.map(([name, signature]) => ({
    wasm: caller(name, signature, '0', 1),
    permissions: { ...ALL, counters: false, kv: false }
  }))
  const names = all.map(([name]) => name)
  for (const said of await saidTo(t, names, bound)) t.match(said, /without the permission "(counters|kv)"/)
})

t.test('the small host of the SDK’s tests has what its guest imports', async t => {
  t.ok(await fixtureGuest('tools'))
})
