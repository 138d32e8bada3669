import t from 'tap'
import { CAPS } from '../../../core/plugin-host/module/caps.js'
import { inspectModule } from '../../../core/plugin-host/module/inspect.js'
import { binary, functions, leb, refusal, repeat, section, wat } from './guest.js'

const inspect = (bytes: Uint8Array) => refusal(() => inspectModule(bytes, 'plugin p'))

t.test('a file of 20 MB is refused before it is read', async t => {
  t.equal(inspect(new Uint8Array(20 * 1024 * 1024)), 'plugin p: is 20.0 MiB large; at most 16.0 MiB are allowed')
})

t.test('custom sections count together', async t => {
  const custom = section(0, [1, 0x78, ...new Array<number>(1_500_000).fill(0)])
  t.equal(inspect(binary(custom, custom)), 'accepted')
  t.match(inspect(binary(custom, custom, custom)), /has 4.3 MiB of custom sections .* at most 4.0 MiB .* strip it/)
  t.match(inspect(binary(repeat(1_001, 0, 1, 0))), /more than 1000 custom sections/)
})

t.test('a count larger than its cap is refused, also when nothing of it is there', async t => {
  const many = leb(4_000_000_000)
  t.match(inspect(binary(section(1, many))), /has 4000000000 types; at most 10000/)
  t.match(inspect(binary(section(2, many))), /has 4000000000 imports; at most 500/)
  t.match(inspect(binary(section(3, many))), /has 4000000000 functions; at most 100000/)
  t.match(inspect(binary(section(4, many))), /has 4000000000 tables; at most 16/)
  t.match(inspect(binary(section(5, many))), /has 4000000000 memories; a plugin has exactly one/)
  t.match(inspect(binary(section(6, many))), /has 4000000000 globals; at most 10000/)
  t.match(inspect(binary(section(7, many))), /has 4000000000 exports; at most 1000/)
  t.match(inspect(binary(section(9, many))), /has 4000000000 element segments; at most 10000/)
  t.match(inspect(binary(section(10, many))), /has 4000000000 function bodies; at most 100000/)
  t.match(inspect(binary(section(11, many))), /has 4000000000 data segments; at most 10000/)
  t.match(inspect(binary(section(13, many))), /has 4000000000 exception tags; at most 100/)
  t.match(inspect(binary(section(1, leb(9_999)))), /9999 types do not fit into 0 bytes/)
})

t.test('a function type has a bounded number of parameters and results', async t => {
  t.match(inspect(binary(section(1, [1, 0x60, ...leb(129), ...repeat(129, 0x7f), 0]))), /has 129 parameters of one/)
  t.match(inspect(binary(section(1, [1, 0x60, 0, 33, ...repeat(33, 0x7f)]))), /has 33 results of one function type/)
})

t.test('a table of ten million elements is refused, by itself or in parts', async t => {
  t.match(inspect(wat('(module (table 10000000 funcref))')), /tables of 10000000 elements; at most 100000/)
  t.match(inspect(wat('(module (table 60000 funcref) (table 60000 funcref))')), /tables of 120000 elements/)
  t.equal(inspect(wat('(module (table 60000 funcref))')), 'accepted')
})

t.test('a function with 50,000 locals is refused, and so are many functions with fewer', async t => {
  t.match(inspect(functions([1, ...leb(50_000), 0x7f, 0x0b])), /function 0 has 50000 locals; at most 10000/)
  t.match(inspect(functions([2, ...leb(4_294_967_295), 0x7f, 1, 0x7f, 0x0b])), /has 4294967295 locals/)
  const body = [1, ...leb(10_000), 0x7f, 0x0b]
  t.equal(inspect(functions(...Array.from({ length: 400 }, () => body))), 'accepted')
  t.match(inspect(functions(...Array.from({ length: 401 }, () => body))), /more than 4000000 locals together/)
})

t.test('a giant br_table is refused, and so are many smaller ones', async t => {
  const table = (targets: number) => [0, 0x41, 0, 0x0e, ...leb(targets), ...repeat(targets + 1, 0), 0x0b]
  t.match(inspect(functions(table(65_000))), /has 65000 targets of one br_table; at most 16384/)
  t.match(inspect(functions([0, 0x41, 0, 0x0e, ...leb(4_000_000_000), 0])), /has 4000000000 targets/)
  t.equal(inspect(functions(...Array.from({ length: 30 }, () => table(16_384)))), 'accepted')
  t.match(inspect(functions(...Array.from({ length: 31 }, () => table(16_384)))), /more than 500000 targets together/)
})

t.test(
  'a function whose branches move too many locals is refused: it would block its thread while it compiles',
  async t => {
    const branches = (locals: number, count: number) =>
      functions([1, ...leb(locals), 0x7f, ...repeat(count, 0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b), 0x0b])
    t.equal(inspect(branches(50, 20_000)), 'accepted')
    t.match(inspect(branches(10_000, 10_000)), /function 0 would keep the compiler busy too long.*10000 locals/)
  }
)

t.test('a function whose branches move too many operands is refused for the same reason', async t => {
  const operands = (count: number, branches: number) =>
    functions([
      0,
      ...repeat(count, 0x41, 1),
      ...repeat(branches, 0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b),
      ...repeat(count, 0x1a),
      0x0b
    ])
  t.equal(inspect(operands(20, 20_000)), 'accepted')
  t.match(inspect(operands(10_000, 10_000)), /would keep the compiler busy too long/)
})

t.test('operands are forgotten at the end of their block, as the engine does', async t => {
  const block = [0x02, 0x40, ...repeat(200, 0x41, 1), ...repeat(200, 0x1a), 0x0b]
  t.equal(inspect(functions([0, ...repeat(500, ...block), ...repeat(20_000, 0x41, 0, 0x0d, 0), 0x0b])), 'accepted')
  const unreachable = [0x02, 0x40, ...repeat(200, 0x41, 1), 0x00, 0x0b]
  t.equal(
    inspect(functions([0, ...repeat(500, ...unreachable), ...repeat(20_000, 0x41, 0, 0x0d, 0), 0x0b])),
    'accepted'
  )
})

t.test('nesting, size of a function and size of a constant are bounded', async t => {
  const nested = (depth: number) => functions([0, ...repeat(depth, 0x02, 0x40), ...repeat(depth, 0x0b), 0x0b])
  t.equal(inspect(nested(CAPS.nesting)), 'accepted')
  t.match(inspect(nested(CAPS.nesting + 1)), /blocks nested more than 5000 deep/)
  t.match(inspect(functions([0, ...repeat(CAPS.functionBytes, 0x01), 0x0b])), /at most 1048576 are allowed/)
  const sum = [0x41, 1, ...repeat(400, 0x41, 1, 0x6a), 0x0b]
  t.match(inspect(binary(section(6, [1, 0x7f, 0, ...sum]))), /constant expression of more than 1000 bytes/)
})

t.test('elements of all segments count together, and so do names', async t => {
  const segment = [1, 0, ...leb(70_000), ...repeat(70_000, 0)]
  t.match(inspect(binary(section(9, [3, ...segment, ...segment, ...segment]))), /more than 200000 elements/)
  const name = [...leb(1_001), ...repeat(1_001, 0x61)]
  t.match(inspect(binary(section(2, [1, ...name, 1, 0x61, 0, 0]))), /module of an import is 1001 bytes long/)
})
