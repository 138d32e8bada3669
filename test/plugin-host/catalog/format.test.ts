import t from 'tap'
import { formatCatalog, parseCatalogText, plain } from '../../../core/plugin-host/catalog/format.js'

const DIGEST = '0123456789abcdef'.repeat(4)

function entry(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'hello',
    version: '1.0.0',
    abi: 1,
    kind: 'traffic',
    description: 'Says hello.',
    hooks: ['on_request'],
    manifest: { path: 'hello/plugin.json', size: 10, sha256: DIGEST },
    module: { path: 'hello/build/hello.wasm', size: 10, sha256: DIGEST },
    ...more
  }
}

function parse(...plugins: unknown[]) {
  return parseCatalogText(JSON.stringify({ format: 1, plugins }), 'catalog.json')
}

function says(text: string): RegExp {
  return new RegExp(text.replace(/[.[\]]/g, '\\$&'))
}

t.test('a catalog is read, and what is not known in it is left', async t => {
  const { entries } = parse(entry({ signatures: ['later'] }))
  t.match(entries, [{ id: 'hello', module: { size: 10 } }])
})

t.test('the text of a catalog does not depend on the order of its plugins', async t => {
  const { entries } = parse(entry({ version: '1.10.0' }), entry({ version: '1.9.0' }), entry({ id: 'a' }))
  const text = formatCatalog(entries)
  t.equal(formatCatalog([...entries].reverse()), text)
  t.strictSame(
    entries.map(({ id, version }) => `${id}@${version}`),
    ['a@1.0.0', 'hello@1.9.0', 'hello@1.10.0']
  )
})

for (const [what, digest] of [
  ['upper case', DIGEST.toUpperCase()],
  ['one digit more', `${DIGEST}0`],
  ['one digit less', DIGEST.slice(1)],
  ['a line feed at the end', `${DIGEST}\n`],
  ['a blank', ` ${DIGEST.slice(1)}`],
  ['a prefix', `sha256:${DIGEST}`],
  ['digits of another script', `${'٣'.repeat(64)}`],
  ['base64', Buffer.from(DIGEST, 'hex').toString('base64')],
  ['nothing', ''],
  ['no text', 0],
  ['a list', [DIGEST]]
] as const) {
  t.test(`a SHA-256 with ${what} is refused`, async t => {
    const file = { path: 'hello/plugin.json', size: 10, sha256: digest }
    for (const field of ['manifest', 'module']) {
      t.throws(() => parse(entry({ [field]: file })), {
        code: 'GW_CATALOG_INVALID',
        message: says(`catalog.json  plugins[0].${field}.sha256  `)
      })
    }
  })
}

for (const path of [
  '../hello.wasm',
  'hello/../../hello.wasm',
  './hello.wasm',
  'hello/./hello.wasm',
  '/etc/passwd',
  '//other.example/hello.wasm',
  'hello//hello.wasm',
  'hello/',
  'file:///etc/passwd',
  'https://other.example/hello.wasm',
  'C:/hello.wasm',
  '..\\hello.wasm',
  'hello\\hello.wasm',
  '%2e%2e/hello.wasm',
  'hello/..%2fhello.wasm',
  'hello.wasm?x',
  'hello.wasm#x',
  'hello.wasm\n',
  'hello.wasm\0',
  '.git/config',
  '',
  'a'.repeat(513)
]) {
  t.test(`the path ${JSON.stringify(path.slice(0, 40))} is refused`, async t => {
    for (const field of ['manifest', 'module']) {
      t.throws(() => parse(entry({ [field]: { path, size: 10, sha256: DIGEST } })), {
        code: 'GW_CATALOG_INVALID',
        message: says(`plugins[0].${field}.path`)
      })
    }
  })
}

for (const id of ['../hello', 'hello/../../x', 'Hello', 'hello_x', 'héllo', 'hеllo', '', '__proto__', 'a'.repeat(64)]) {
  t.test(`the id ${JSON.stringify(id)} is refused`, async t => {
    t.throws(() => parse(entry({ id })), { code: 'GW_CATALOG_INVALID', message: says('plugins[0].id') })
    t.throws(() => parse(entry({ id, abi: 2 })), { code: 'GW_CATALOG_INVALID' }, 'whatever its ABI is')
  })
}

for (const version of ['1', '1.0', '1.0.0/../..', '1.0.0+build', 'latest', `1.0.0-${'a'.repeat(64)}`]) {
  t.test(`the version ${version.slice(0, 20)} is refused`, async t => {
    t.throws(() => parse(entry({ version })), { code: 'GW_CATALOG_INVALID', message: says('plugins[0].version') })
  })
}

t.test('a file larger than the host takes is refused before it is fetched', async t => {
  const module = { path: 'hello.wasm', size: (16 << 20) + 1, sha256: DIGEST }
  t.throws(() => parse(entry({ module })), { message: /plugins\[0\]\.module\.size .*from 1 to 16777216/ })
  const manifest = { path: 'plugin.json', size: 0, sha256: DIGEST }
  t.throws(() => parse(entry({ manifest })), { message: /plugins\[0\]\.manifest\.size/ })
})

t.test('permissions and hooks that Sluice does not know are refused', async t => {
  t.throws(() => parse(entry({ permissions: { sockets: true } })), { message: /plugins\[0\]\.permissions\.sockets/ })
  t.throws(() => parse(entry({ hooks: ['on_boot'] })), { message: /plugins\[0\]\.hooks\[0\]/ })
})

t.test('a plugin for another ABI does not spoil the catalog', async t => {
  const { entries, foreign } = parse(entry(), { id: 'later', version: '2.0.0', abi: 2, shape: 'unknown' })
  t.equal(entries.length, 1)
  t.match(foreign, [{ id: 'later', version: '2.0.0', abi: 2 }])
})

t.test('a version that is there twice is refused: which one would be meant?', async t => {
  t.throws(() => parse(entry(), entry()), {
    message: 'catalog.json  plugins  hello@1.0.0 is there twice; expected each version once'
  })
  t.throws(() => parse(entry(), entry({ abi: 2 })), { message: /hello@1.0.0 is there twice/ })
})

for (const [what, text] of [
  ['no JSON', '<html>'],
  ['no mapping', '[]'],
  ['no list of plugins', '{ "format": 1 }'],
  ['of a later format', '{ "format": 2, "plugins": [] }'],
  ['empty', '']
] as const) {
  t.test(`a catalog that is ${what} is refused`, async t => {
    t.throws(() => parseCatalogText(text, 'https://plugins.example/'), {
      code: 'GW_CATALOG_INVALID',
      message: /^https:\/\/plugins\.example\/.*expected/
    })
  })
}

t.test('many problems are not all said', async t => {
  t.throws(() => parse(...Array(100).fill({})), { message: /\n… and \d+ more$/ })
})

t.test('what an author wrote cannot move about on a terminal', async t => {
  t.equal(plain('a\u001b[2Jb\r\nc\u202ed\u0085'), 'a\\u001b[2Jb\\u000d\\u000ac\\u202ed\\u0085')
  t.equal(plain('naïve – ✓'), 'naïve – ✓')
})
