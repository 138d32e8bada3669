import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { isRecord } from '../../core/config/json.js'
import { problemsOf, ROOT } from './helpers.js'

const EXAMPLES = `${ROOT}examples/`
const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(name => /sluice\.yaml$/.test(name))

/** `value` without one of the keys and items in it, each in turn. */
function* shortened(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      yield value.toSpliced(i, 1)
      for (const less of shortened(item)) yield value.with(i, less)
    }
  } else if (isRecord(value)) {
    for (const [key, { [key]: member, ...rest }] of Object.keys(value).map(key => [key, value] as const)) {
      yield rest
      for (const less of shortened(member)) yield { ...rest, [key]: less }
    }
  }
}

t.test('whatever is left out of a configuration, what is said is about the configuration', async t => {
  t.ok(files.length > 10)
  for (const file of files) {
    for (const value of shortened(parse(readFileSync(`${EXAMPLES}${file}`, 'utf8')))) {
      const text = stringify(value)
      try {
        problemsOf(t, text) // throws what is no ConfigError
      } catch (thrown) {
        t.fail(`${file}: ${thrown}\n${text}`)
      }
    }
  }
})
