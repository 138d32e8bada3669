// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations are what this file is about

import fc from 'fast-check'
import t from 'tap'
import { interpolate, type Sources } from '../../core/config/interpolate.js'
import { loadConfig } from '../../core/config/load.js'
import { ConfigError } from '../../core/config/problems.js'
import { load, OPTIONS, problemsOf, withLeast } from './helpers.js'

const sources: Sources = {
  env: { A: 'one', EMPTY: '', EVIL: '${env:A}${file:x}$${', PORT: '80' },
  file: path => (path === 'x' ? { text: 'text\n\n' } : { failure: 'there is no such file' })
}
const text = (from: string) => interpolate(from, sources).text

t.test('sources are put in, alone and inside longer text', async t => {
  t.equal(text('${env:A}'), 'one')
  t.equal(text('a ${env:A} b ${env:A}${env:A}'), 'a one b oneone')
  t.equal(text('${file:x}'), 'text\n', 'one line end is trimmed, not all')
  t.equal(text('no $ reference {env:A} $env $$ }'), 'no $ reference {env:A} $env $$ }')
})

t.test('a default stands in for a variable that is not set or empty', async t => {
  t.equal(text('${env:NONE:-else}'), 'else')
  t.equal(text('${env:EMPTY:-else}'), 'else')
  t.equal(text('${env:NONE:-}'), '')
  t.equal(text('${env:A:-else}'), 'one')
  t.equal(text('${env:NONE:-a:-b $x}'), 'a:-b $x')
  t.equal(text('${env:EMPTY}'), '', 'set to nothing is set')
})

t.test('"$${" is a literal "${"', async t => {
  t.equal(text('$${env:A}'), '${env:A}')
  t.equal(text('$${env:A} ${env:A}'), '${env:A} one')
  t.equal(interpolate('$${env:A}', sources).fromSource, false)
})

t.test('what was put in is not looked at again', async t => {
  t.equal(text('${env:EVIL}'), '${env:A}${file:x}$${')
  t.equal(text('${env:NONE:-${env:A}'), '${env:A')
})

t.test('names of the prototype are not variables', async t => {
  t.strictSame(interpolate('${env:toString}', sources).wrong.length, 1)
})

t.test('interpolated text becomes a number or a boolean where one is wanted, and only there', async t => {
  const env = { PORT: '9090', YES: 'true', T: '4', AUTO: 'auto', NAME: '42' }
  const yaml = withLeast(
    'listen: { port: "${env:PORT}", host: "${env:NAME}" }\nlog: { access: "${env:YES}" }\npluginThreads: ${env:T}'
  )
  const { config } = load(t, yaml, { env })
  t.match([config.listen[0], config.log.access, config.pluginThreads], [{ port: 9090, host: '42' }, true, 4])
  t.equal(load(t, withLeast('pluginThreads: ${env:AUTO}'), { env }).config.pluginThreads, 3)
  t.equal(load(t, withLeast('listen: { port: "80${env:T}" }'), { env }).config.listen[0]?.port, 804)
})

t.test('text written as text is not made a number', async t => {
  t.strictSame(problemsOf(t, withLeast('listen: { port: "80" }')), [
    '1:17 listen.port got "80"; expected a whole number from 0 to 65535'
  ])
})

t.test('numbers are read as JSON writes them', async t => {
  for (const PORT of ['0x50', ' 80', '080', '8_0', '1e', '', 'Infinity']) {
    t.equal(
      problemsOf(t, withLeast('listen: { port: "${env:PORT}" }'), { env: { PORT } }).length,
      1,
      JSON.stringify(PORT)
    )
  }
})

t.test('files are read relative to the configuration, also by symbolic link', async t => {
  const link = t.fixture('symlink', 'secrets/host')
  const folder = t.testdir({
    secrets: { host: 'h.example.com\r\n' },
    link,
    'sluice.yaml': withLeast('listen: { host: "${file:link}" }')
  })
  t.equal(loadConfig(`${folder}/sluice.yaml`, OPTIONS).config.listen[0]?.host, 'h.example.com')
})

t.test('keys are not interpolated', async t => {
  const yaml = withLeast('').replace(
    'upstream: api',
    'upstream: api, policies: [{ plugin: auth-key, settings: { "${env:A}": 1 } }]'
  )
  t.strictSame(load(t, yaml).config.routes[0]?.policies[0]?.settings, { '${env:A}': 1 })
})

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '$',
      '{',
      '}',
      '${',
      '$${',
      ':',
      ':-',
      'env:',
      'file:',
      'A',
      'EVIL',
      'NONE',
      'x',
      '${env:A}',
      '${env:EVIL}',
      '\n'
    ),
    fc.string({ maxLength: 5 })
  ),
  { maxLength: 30 }
)

t.test('interpolation ends, never throws, and repeats nothing it put in', async t => {
  let runs = 0
  fc.assert(
    fc.property(pieces, parts => {
      runs++
      const from = parts.join('')
      const { text, wrong, fromSource } = interpolate(from, { ...sources, env: { A: 'S3CR3T', EVIL: '${env:A}' } })
      if (wrong.some(message => message.includes('S3CR3T'))) return false
      if (!from.includes('${')) return text === from && !fromSource && wrong.length === 0
      // EVIL stands for a reference: were it looked at again, the secret would come out of it.
      return from.includes('env:A') || !text.includes('S3CR3T')
    }),
    { numRuns: 2_000 }
  )
  t.equal(runs, 2_000)
})

t.test('any text at all is a configuration or a ConfigError', async t => {
  const folder = t.testdir({ 'sluice.yaml': '' })
  const { writeFileSync } = await import('node:fs')
  const yaml = fc.array(
    fc.oneof(
      fc.constantFrom(
        'listen',
        'routes',
        'upstreams',
        ': ',
        '- ',
        '\n',
        '  ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '<<: *a',
        '"',
        "'",
        '|\n',
        '!!str ',
        '? '
      ),
      fc.constantFrom(
        '${env:A}',
        '${file:x}',
        '$${',
        '${',
        'api',
        '0',
        'true',
        '~',
        '---\n',
        '...\n',
        '%YAML 1.1\n',
        '#',
        ', '
      ),
      fc.string({ maxLength: 4, unit: 'binary' })
    ),
    { maxLength: 40 }
  )
  let refused = 0
  fc.assert(
    fc.property(yaml, parts => {
      writeFileSync(`${folder}/sluice.yaml`, parts.join(''))
      try {
        loadConfig(`${folder}/sluice.yaml`, OPTIONS)
      } catch (thrown) {
        if (!(thrown instanceof ConfigError)) throw thrown
        refused++
        return thrown.problems.length > 0 && thrown.problems.every(({ line, column }) => line >= 0 && column >= 0)
      }
      return true
    }),
    { numRuns: 1_000 }
  )
  t.ok(refused > 0)
})
