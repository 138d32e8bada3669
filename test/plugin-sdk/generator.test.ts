import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { guestCode } from '../../plugin-sdk/generator/guest.js'
import { mirrorCode } from '../../plugin-sdk/generator/mirror.js'
import { readContract } from '../../plugin-sdk/generator/model.js'
import { guestFrom, ROOT } from './guest.js'

const MIRROR = 'test/fixtures/guests/mirror/assembly/gen/mirror.ts'
const FIXTURE = join(ROOT, 'test/fixtures/guests/everything')
const source = readFileSync(join(FIXTURE, 'everything.proto'), 'utf8')
const Everything = protobuf.parse(source).root.resolveAll().lookupType('test.v1.Everything')

const dir = t.testdir()
cpSync(FIXTURE, dir, { recursive: true })
const runtime = '@sluice/plugin-sdk/assembly'
writeFileSync(join(dir, 'assembly/gen.ts'), guestCode(readContract(source), { runtime }))
writeFileSync(join(dir, 'assembly/mirror.ts'), mirrorCode(readContract(source), { messages: './gen', runtime }))
const guest = await guestFrom(dir)

const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const big = (signed: boolean) => {
  const range = signed ? { min: -(2n ** 63n), max: 2n ** 63n - 1n } : { min: 0n, max: 2n ** 64n - 1n }
  return fc.bigInt(range).map(value => {
    return new protobuf.util.Long(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), !signed)
  })
}
const text = fc.string({ unit: 'binary', maxLength: 200 })
const bytes = fc.uint8Array({ maxLength: 200 })
const float = fc.float({ noNaN: true })
const double = fc.double({ noNaN: true })
const colour = fc.constantFrom(0, 1, -5)
const few = <T>(each: fc.Arbitrary<T>) => fc.array(each, { maxLength: 40 })
const inner = fc.record({ name: text, numbers: few(big(true)) }, { requiredKeys: [] })

const everything = fc.record(
  {
    int32: i32,
    uint32: u32,
    sint32: i32,
    int64: big(true),
    uint64: big(false),
    sint64: big(true),
    bool: fc.boolean(),
    fixed32: u32,
    sfixed32: i32,
    fixed64: big(false),
    sfixed64: big(true),
    float,
    double,
    string: text,
    bytes,
    colour,
    inner,
    optionalUint32: fc.constantFrom(0, 1, 300),
    optionalString: fc.constantFrom('', 'é'),
    optionalBytes: fc.constantFrom(new Uint8Array(0), Uint8Array.of(0)),
    optionalBool: fc.boolean(),
    optionalDouble: fc.constantFrom(0, -0, 0.5),
    packedInt32: few(i32),
    packedBool: few(fc.boolean()),
    packedDouble: few(double),
    unpackedFixed32: few(u32),
    unpackedUint64: few(big(false)),
    strings: few(text),
    blobs: few(bytes),
    inners: few(inner),
    colours: few(colour),
    far: u32
  },
  { requiredKeys: [] }
)

const mirrored = (bytes: Uint8Array) => guest.run('mirror', bytes, [0])

t.test('every kind of field is decoded and encoded as protobufjs does it', async t => {
  fc.assert(
    fc.property(everything, message => {
      const bytes = Everything.encode(message).finish()
      return mirrored(bytes)?.equals(bytes) === true
    }),
    { numRuns: 1000 }
  )
  t.pass('1000 messages')
})

t.test('a repeated number is read packed and unpacked, whatever the .proto says', async t => {
  const writer = protobuf.Writer.create()
  writer.uint32((23 << 3) | 0).int32(-1)
  writer
    .uint32((23 << 3) | 2)
    .fork()
    .int32(2)
    .int32(3)
    .ldelim()
  writer
    .uint32((26 << 3) | 2)
    .fork()
    .fixed32(4)
    .fixed32(5)
    .ldelim()
  writer
    .uint32((27 << 3) | 2)
    .fork()
    .uint64(6)
    .ldelim()
  const expected = Everything.encode({ packedInt32: [-1, 2, 3], unpackedFixed32: [4, 5], unpackedUint64: [6] }).finish()
  t.ok(mirrored(writer.finish())?.equals(expected))
})

t.test('unknown fields of every wire type are skipped, groups too', async t => {
  const writer = protobuf.Writer.create()
  writer.uint32((100 << 3) | 0).uint64(2 ** 50)
  writer.uint32((101 << 3) | 1).fixed64(1)
  writer.uint32((102 << 3) | 2).string('unknown')
  writer
    .uint32((103 << 3) | 3)
    .uint32((1 << 3) | 3)
    .uint32((2 << 3) | 0)
    .uint32(1)
    .uint32((1 << 3) | 4)
  writer.uint32((103 << 3) | 4)
  writer.uint32((104 << 3) | 5).fixed32(1)
  writer.uint32((14 << 3) | 0).uint32(7) // a known field of another wire type is unknown as well
  writer.uint32((14 << 3) | 2).string('known')
  t.ok(mirrored(writer.finish())?.equals(Everything.encode({ string: 'known' }).finish()))
})

t.test('of a field that comes twice the last counts, and messages are merged', async t => {
  const twice = Buffer.concat([
    Everything.encode({ string: 'a', optionalString: 'b', inner: { name: 'x', numbers: [1] } }).finish(),
    Everything.encode({ string: 'c', inner: { numbers: [2] } }).finish()
  ])
  const merged = { string: 'c', optionalString: 'b', inner: { name: 'x', numbers: [1, 2] } }
  t.ok(mirrored(twice)?.equals(Everything.encode(merged).finish()))
})

t.test('malformed bytes are refused when protobufjs refuses them, and never trap', async t => {
  const cut = fc
    .tuple(everything, fc.nat(), fc.nat({ max: 255 }), fc.boolean())
    .map(([message, at, byte, truncate]) => {
      const bytes = Buffer.from(Everything.encode(message).finish())
      if (bytes.length === 0) return bytes
      if (truncate) return bytes.subarray(0, at % bytes.length)
      bytes[at % bytes.length] = byte
      return bytes
    })
  let refused = 0
  fc.assert(
    fc.property(fc.oneof(cut, bytes), input => {
      const answer = mirrored(input)
      if (answer === undefined) {
        refused++
        return
      }
      t.ok(Everything.decode(answer), 'what is written is a message')
    }),
    { numRuns: 3000 }
  )
  t.ok(refused > 100, `${refused} were refused`)
})

t.test('what the generator cannot do right it refuses, naming the field', async t => {
  const proto = (body: string) => `syntax = "proto3"; package a; message M { ${body} }`
  t.throws(() => readContract(proto('map<string, string> m = 1;')), /M\.m: map fields are not supported/)
  t.throws(() => readContract(proto('oneof k { string s = 1; int32 i = 2; }')), /M\.s: oneof is not supported/)
  t.throws(() => readContract(proto('N n = 1; } message N { M m = 1;')), /M > N > M: a message that contains itself/)
  const lists = readContract(proto('repeated N n = 1; } message N { repeated M m = 1;'))
  t.throws(() => mirrorCode(lists, { messages: '', runtime: '' }), /M > N > M: the mirror has one reader of each type/)
})

t.test('the committed code is what policy.proto makes, and --check says which file is not', async t => {
  const check = (root: string) => {
    return spawnSync(process.execPath, [join(root, 'build/plugin-sdk/generator/main.js'), '--check'], {
      encoding: 'utf8'
    })
  }
  t.equal(check(ROOT).status, 0)

  // The same in a copy with one stale file and one missing.
  const copy = t.testdir({ node_modules: t.fixture('symlink', join(ROOT, 'node_modules')) })
  for (const path of ['build/plugin-sdk/generator', 'plugin-sdk/proto', 'plugin-sdk/assembly', 'package.json']) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true })
  }
  mkdirSync(join(copy, 'core/plugin-host/gen'), { recursive: true })
  writeFileSync(join(copy, 'plugin-sdk/assembly/gen/policy.ts'), '// stale\n')
  const stale = check(copy)
  t.equal(stale.status, 1)
  t.match(stale.stderr, /plugin-sdk\/assembly\/gen\/policy\.ts is not what/)
  t.match(stale.stderr, /core\/plugin-host\/gen\/policy\.ts is not what/)
  t.match(stale.stderr, /test\/fixtures\/guests\/mirror\/assembly\/gen\/mirror\.ts is not what/)
  t.match(stale.stderr, /plugin-sdk\/REFERENCE\.md is not what/)

  const write = spawnSync(process.execPath, [join(copy, 'build/plugin-sdk/generator/main.js')], { encoding: 'utf8' })
  t.equal(write.status, 0, write.stderr)
  t.equal(check(copy).status, 0)
  const written = [
    'plugin-sdk/assembly/gen/policy.ts',
    'core/plugin-host/gen/policy.ts',
    'plugin-sdk/REFERENCE.md',
    MIRROR
  ]
  for (const path of written) {
    t.equal(readFileSync(join(copy, path), 'utf8'), readFileSync(join(ROOT, path), 'utf8'))
  }
})
