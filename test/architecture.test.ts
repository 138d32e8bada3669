import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The floors of core/, lowest first. A file imports from its own folder and from floors below: never up, never sideways. */
const FLOORS = [
  ['base'],
  ['config', 'observe'],
  ['upstream', 'plugin-host', 'store'],
  ['bodies'],
  ['ai', 'traffic'],
  ['gateway'],
  ['server', 'admin'],
  ['cli'],
  ['main.ts']
]

/** Who may import what: swapping one of these is a change to that file, or folder where it ends in a slash. */
const IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['core/server/'],
  ws: ['core/upstream/websocket.ts', 'core/server/node/opening.ts'],
  piscina: ['core/plugin-host/pool.ts'],
  '@extism/extism': ['core/plugin-host/instance.ts'],
  re2js: ['core/base/whole-pattern.ts', 'core/plugin-host/host-functions.ts', 'core/plugin-host/linear-pattern.ts'],
  'core/plugin-host/gen/policy.ts': ['core/plugin-host/abi.ts'],
  'core/plugin-host/gen/fields.ts': ['core/plugin-host/json-mapping.ts'],
  protobufjs: ['core/plugin-host/gen/policy.ts'],
  ioredis: ['core/store/redis.ts'],
  'gpt-tokenizer': ['core/plugin-host/tokens.ts', 'core/ai/tokens/encoding.ts'],
  '@pydantic/genai-prices': ['core/ai/catalog/'],
  mustache: ['core/ai/prompts/template.ts'],
  pino: ['core/observe/log.ts'],
  'prom-client': ['core/observe/registry.ts'],
  yaml: ['core/config/'],
  tar: ['core/cli/plugin/pack.ts'],
  typebox: [
    'core/base/manifest.ts',
    'core/base/plugin-metric-schema.ts',
    'core/config/',
    'core/plugin-host/',
    'core/cli/plugin/'
  ]
}

const MAX_LINES = 350

interface Source {
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
  /** What it imports: files from the root, packages by name. */
  readonly imports: readonly string[]
}

const sources = readdirSync(join(ROOT, 'core'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => readSource(join('core', name)))

t.ok(sources.length > 50, 'the files of core/ are found')

t.test('every folder of core/ has its floor', async t => {
  const known = FLOORS.flat()
  const folders = new Set(sources.map(({ file }) => folderOf(file)))
  t.strictSame(
    [...folders].filter(folder => !known.includes(folder)),
    []
  )
})

t.test('a file imports from its own folder and from floors below', async t => {
  const wrong = sources.flatMap(({ file, imports }) =>
    imports
      .filter(to => to.startsWith('core/') && !mayImport(folderOf(file), folderOf(to)))
      .map(to => `${file} → ${to}`)
  )
  t.strictSame(wrong, [])
})

t.test('core/ imports nothing from outside itself but packages', async t => {
  const wrong = sources.flatMap(({ file, imports }) =>
    imports.filter(to => /^(?:plugins|plugin-sdk|bench|examples|test)\//.test(to)).map(to => `${file} → ${to}`)
  )
  t.strictSame(wrong, [])
})

t.test('no file imports itself by a way round', async t => {
  t.strictSame(cycles(), [])
})

t.test('what can be swapped has one importer', async t => {
  for (const [what, allowed] of Object.entries(IMPORTERS)) {
    const importers = sources.filter(({ imports }) => imports.includes(what)).map(({ file }) => file)
    t.ok(importers.length > 0, `${what} is imported`)
    const others = importers.filter(
      file => !allowed.some(place => file === place || (place.endsWith('/') && file.startsWith(place)))
    )
    t.strictSame(others, [], `${what} is imported by ${allowed.join(', ')} alone`)
  }
})

t.test('every dependency of the package has its importer named here', async t => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  t.strictSame(
    Object.keys(dependencies).filter(name => !Object.hasOwn(IMPORTERS, name)),
    []
  )
})

t.test(`no file of core/ is longer than ${MAX_LINES} lines, but generated ones`, async t => {
  const long = sources.filter(({ file, text }) => !file.includes('/gen/') && text.split('\n').length > MAX_LINES + 1)
  t.strictSame(
    long.map(({ file }) => file),
    []
  )
})

t.test('core/ names no plugin', async t => {
  const plugins = readdirSync(join(ROOT, 'plugins'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
  t.ok(plugins.length > 0, 'there are plugins')
  const wrong = sources.flatMap(({ file, text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|(?<![:'])\/\/.*$/gm, '')
    // A name by itself: providers' error codes have words in them that plugins have, too ("insufficient_quota").
    return plugins.filter(name => new RegExp(`['"\`/]${name}['"\`/]`).test(code)).map(name => `${file}: ${name}`)
  })
  t.strictSame(wrong, [])
})

function readSource(file: string): Source {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  )
  const imports = [...found].map(match => target(file, match[1] ?? match[2] ?? match[3] ?? ''))
  return { file, text, imports }
}

/** An import as written, resolved: a file of this repository, or the name of a package. */
function target(from: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return relative(ROOT, join(ROOT, dirname(from), specifier)).replace(/\.js$/, '.ts')
  }
  const [scope = '', name] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

/** The folder right below core/, or the file itself. */
function folderOf(file: string): string {
  return file.split('/')[1] ?? ''
}

function floorOf(folder: string): number {
  return FLOORS.findIndex(floor => floor.includes(folder))
}

function mayImport(from: string, to: string): boolean {
  return from === to || (floorOf(to) >= 0 && floorOf(to) < floorOf(from))
}

/** Every import cycle, once, as the path around it. */
function cycles(): string[] {
  const imports = new Map(sources.map(source => [source.file, source.imports]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const next of imports.get(file) ?? []) if (imports.has(next)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}
