import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import t from 'tap'
import { TiktokenReader, type Token } from '../../../core/ai/tokens/tiktoken.js'

const require = createRequire(import.meta.url)

function all(lines: Buffer, piece: number): Token[] {
  const reader = new TiktokenReader(lines)
  const tokens: Token[] = []
  for (let next = reader.next(piece); next.length > 0; next = reader.next(piece)) tokens.push(...next)
  return tokens
}

for (const name of ['o200k_base', 'cl100k_base']) {
  t.test(`every token of ${name} is as gpt-tokenizer has it`, async t => {
    const known: { readonly default: readonly (string | readonly number[])[] } = require(
      `gpt-tokenizer/cjs/bpeRanks/${name}`
    )
    const read = all(await readFile(require.resolve(`gpt-tokenizer/data/${name}.tiktoken`)), 9_999)
    t.equal(read.length, known.default.length)
    const differ = known.default.filter((token, rank) => {
      const other = read[rank]
      if (typeof token === 'string' || other === undefined || typeof other === 'string') return token !== other
      return Buffer.compare(Buffer.from(token), other) !== 0
    })
    t.strictSame(differ, [])
  })
}

t.test('the end of the file may be that of a line or not', async t => {
  t.strictSame(all(Buffer.from('IQ== 0\nSGV5 1\n'), 1), ['!', 'Hey'])
  t.strictSame(all(Buffer.from('IQ== 0\n/w== 1'), 5), ['!', Uint8Array.of(0xff)])
  t.strictSame(all(Buffer.alloc(0), 5), [])
})

for (const [what, text] of [
  ['a number is left out', 'IQ== 0\nIg== 2\n'],
  ['there is no number', 'IQ==\n'],
  ['the number is none', 'IQ== 0x\n'],
  ['there is no token', ' 0\n'],
  ['the file breaks off', 'IQ']
]) {
  t.test(`a file in which ${what} is refused`, async t => {
    t.throws(() => all(Buffer.from(text ?? ''), 5), { message: /^line \d is not a token and the number \d$/ })
  })
}
