import t from 'tap'
import { KNOWN_NAMES, knownName, NAME_BYTE, nextHash } from '../../core/upstream/lean/known-names.js'

function find(text: string): string | undefined {
  const bytes = Buffer.from(text)
  const hash = bytes.reduce((hash, byte) => nextHash(hash, NAME_BYTE[byte] ?? 0), 0)
  return knownName(bytes, 0, bytes.length, hash)
}

t.test('each of the names is known, in any case, and no other is taken for it', async t => {
  for (const name of KNOWN_NAMES) {
    t.equal(find(name), name)
    t.equal(find(name.toUpperCase()), name)
    t.equal(find(`${name}x`), undefined)
    t.equal(find(name.slice(0, -1)), KNOWN_NAMES.includes(name.slice(0, -1)) ? name.slice(0, -1) : undefined)
    t.equal(find(name.replace(/[a-z]/, 'q')), undefined)
  }
})
