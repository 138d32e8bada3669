import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { parse } from 'yaml'
import { isRecord } from '../../core/config/json.js'
import { configJsonSchema, pluginJsonSchema } from '../../core/config/json-schema.js'
import { configReference, referenceFiles, writeReference } from '../../core/config/reference.js'
import { ConfigFile } from '../../core/config/schema.js'
import { FIXTURES, ROOT } from './helpers.js'

const validator = Compile(configJsonSchema())
const read = (file: string): unknown => parse(readFileSync(file, 'utf8'), { merge: true })

/** Every key of a schema with its description, or undefined. */
function keysOf(schema: unknown, path = ''): [string, unknown][] {
  if (!isRecord(schema)) return []
  const own = Object.entries(isRecord(schema.properties) ? schema.properties : {}).flatMap(
    ([key, part]): [string, unknown][] => {
      const about = isRecord(part) ? part.description : undefined
      return [[`${path}.${key}`, about], ...keysOf(part, `${path}.${key}`)]
    }
  )
  const inner = [
    schema.items,
    ...(Array.isArray(schema.anyOf) ? schema.anyOf : []),
    ...Object.values(schema.patternProperties ?? {})
  ]
  return [...own, ...inner.flatMap(part => keysOf(part, path))]
}

t.test('every key is described', async t => {
  const keys = keysOf(ConfigFile)
  t.ok(keys.length > 60)
  t.strictSame(
    keys.filter(([, about]) => typeof about !== 'string' || about === '').map(([key]) => key),
    []
  )
})

t.test('the reference page mentions every key', async t => {
  const page = configReference()
  for (const [key] of keysOf(ConfigFile)) t.match(page, `| \`${key.slice(key.lastIndexOf('.') + 1)}\` |`, key)
})

t.test('the JSON Schema accepts what Sluice accepts', async t => {
  for (const name of readdirSync(`${FIXTURES}good`)) {
    t.strictSame(validator.Errors(read(`${FIXTURES}good/${name}`)), [], name)
  }
})

t.test('the JSON Schema accepts the configuration of every example', async t => {
  const examples = existsSync(`${ROOT}examples`)
    ? readdirSync(`${ROOT}examples`, { recursive: true, encoding: 'utf8' })
    : []
  const configs = examples.filter(name => /(^|\/)sluice[^/]*\.yaml$/.test(name) && !name.includes('node_modules'))
  for (const name of configs) t.strictSame(validator.Errors(read(`${ROOT}examples/${name}`)), [], name)
  t.ok(configs.length > 0 || examples.length === 0, 'an example has a configuration')
})

t.test('the JSON Schema refuses unknown keys, missing ones and wrong values', async t => {
  const good = read(`${FIXTURES}good/least.yaml`)
  t.ok(isRecord(good) && validator.Check(good))
  const wrong = [
    { prot: 1 },
    { routes: undefined },
    { listen: { port: 'x' } },
    { log: { level: 'loud' } },
    { limits: { bodyBytes: '1MB' } }
  ]
  for (const part of wrong) t.notOk(validator.Check({ ...(isRecord(good) ? good : {}), ...part }), JSON.stringify(part))
})

t.test('the JSON Schema is plain JSON, of the 2020-12 dialect, and asks for no key that has a default', async t => {
  for (const schema of [configJsonSchema(), pluginJsonSchema()]) {
    t.strictSame(JSON.parse(JSON.stringify(schema)), schema)
    t.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  }
  t.strictSame(configJsonSchema().required, ['routes'])
})

t.test('the files made from the schemas are current', async t => {
  t.strictSame(writeReference(ROOT, { check: true }), [], 'run npm run gen')
})

t.test('a file that is not current is named, and written unless one only looks', async t => {
  const folder = t.testdir({})
  const names = Object.keys(referenceFiles())
  t.strictSame(writeReference(folder, { check: true }), names)
  t.strictSame(readdirSync(folder), [], 'looking writes nothing')
  t.strictSame(writeReference(folder, { check: false }), names)
  t.strictSame(writeReference(folder, { check: false }), [])
})
