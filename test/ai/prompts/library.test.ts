import { readFileSync } from 'node:fs'
import t from 'tap'
import { chooseVersion } from '../../../core/ai/prompts/choose.js'
import { contentHash } from '../../../core/ai/prompts/compile.js'
import { renderPrompt } from '../../../core/ai/prompts/render.js'
import { readPromptCall } from '../../../core/ai/prompts/request.js'
import { splitWarnings } from '../../../core/ai/prompts/split-warnings.js'
import { formatPromptsLock } from '../../../core/config/prompts-lock.js'
import { open, problemsOf, SUMMARISE } from './helpers.js'

const V1 = `
model: small
variables: { name: { type: string } }
messages:
  - { role: user, content: "Hello {{name}}" }
`

t.test('prompts come from a folder and from the configuration', async t => {
  const { prompts, files } = open(
    t,
    { folder: 'prompts', inline: { summarise: SUMMARISE } },
    { prompts: { hello: { 'v1.yaml': V1, 'prompt.yaml': 'labels: { production: v1 }' }, '.git': {} } }
  )
  t.strictSame([...prompts.keys()], ['hello', 'summarise'])
  t.equal(files.length, 3, 'the lock file and the two of the folder')
  t.equal(prompts.get('summarise')?.labels.get('production')?.length, 2)
})

t.test('a published version that was changed or taken away is refused, however it is laid out', async t => {
  const section = { folder: 'prompts' }
  const hash = open(t, section, { prompts: { hello: { 'v1.yaml': V1 } } })
    .prompts.get('hello')
    ?.versions.get('v1')?.hash
  const lock = formatPromptsLock({ hello: { v1: hash ?? '' } })
  const same = `# the same\n${V1.replace('{ type: string }', '\n    type: "string"').replace('name: \n', 'name:\n').replace('{ name:', '\n  name:').replace(' }\nmess', '\nmess')}`
  const kept = open(t, section, { 'prompts.lock': lock, prompts: { hello: { 'v1.yaml': same } } })
  t.equal(kept.prompts.get('hello')?.versions.get('v1')?.published, true)

  const changed = {
    hello: { 'v1.yaml': V1.replace('Hello', 'Goodbye'), 'v2.yaml': V1, 'prompt.yaml': 'labels: { production: v2 }' }
  }
  const [problem = '', ...more] = problemsOf(t, section, { 'prompts.lock': lock, prompts: changed })
  t.match(
    problem,
    /^v1\.yaml {2}version "v1" of prompt "hello" was published as sha256:[0-9a-f]{12} and is now sha256:/
  )
  t.match(problem, /published versions do not change; expected it as it was, and the change as a new version$/)
  t.strictSame(more, [])

  const gone = { hello: { 'v2.yaml': V1 } }
  t.match(problemsOf(t, section, { 'prompts.lock': lock, prompts: gone }), [
    /version "v1" is published and is no longer there/
  ])
  t.match(problemsOf(t, section, { 'prompts.lock': lock, prompts: { other: { 'v1.yaml': V1 } } }), [
    /^prompts\.lock prompts\.hello prompt "hello" has published versions and is no longer there; expected it to stay$/
  ])
  t.match(problemsOf(t, { inline: {} }, { 'prompts.lock': lock }), [/prompt "hello" has published versions/])
})

t.test('the hash of a version stays what it is: published prompts depend on it', async t => {
  const version = open(t, { inline: { summarise: SUMMARISE } })
    .prompts.get('summarise')
    ?.versions.get('v2')
  t.equal(version?.hash, 'sha256:8060b09370df25b5e278793039102d99aa6855b85110defcc6aa4a2d09f2bf84')
  t.equal(version && contentHash(version.definition), version?.hash)
})

t.test('where only published versions count, a label cannot lead to a draft', async t => {
  t.match(
    problemsOf(t, {
      publishedOnly: true,
      inline: { s: { labels: { production: 'v1' }, versions: { v1: SUMMARISE.versions.v1 } } }
    }),
    [
      /^sluice.yaml prompts\.inline\.s\.labels\.production version "v1" is not published; expected one that is: sluice prompts publish s v1$/
    ]
  )
})

t.test('mistakes are told with their place and what was expected', async t => {
  const one = (version: object, more: object = {}) =>
    problemsOf(t, { inline: { s: { versions: { v1: { ...SUMMARISE.versions.v1, ...version } }, ...more } } })
  const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
  t.match(one(user('{{txt}}')), [
    /versions\.v1\.messages\[0\]\.content "{{txt}}" is no variable of this version; expected one of text; did you mean "text"\?/
  ])
  t.match(one(user('{{#text}}')), [/messages\[0\]\.content Unclosed section "text"/])
  t.match(one({ messages: [{ role: 'system', content: [{ image: 'https://example.com/a.png' }] }] }), [
    /a message of role "system" has a file; expected text alone/
  ])
  t.match(one({ variables: { text: { type: 'string', pattern: '(?=a)' } } }), [/variables\.text: /])
  t.match(one({ variables: { text: { type: 'string', maxLength: 1, default: 'ab' } } }), [/variables\.text\.default /])
  t.match(one({ variables: { text: { type: 'string', values: ['a'] } } }), [
    /variables\.text\.values is not for the type "string"; expected one of type, description, required, default, minLength/
  ])
  t.match(one({ variables: { text: { type: 'enum' } } }), [/variables\.text: the key "values" is missing/])
  t.match(one(user([{ text: 'a', image: 'b' }])), [/part 0: expected one of text, image and file, found several/])
  t.match(one(user([{ detail: 'low' }])), [/part 0: expected one of text, image and file, found none/])
  t.match(one({ response: { schema: { type: 'strange' } } }), [/versions\.v1\.response\.schema /])
  t.match(one({}, { labels: { production: 'v2' } }), [
    /labels\.production there is no version "v2"; expected one of v1/
  ])
  t.match(one({}, { labels: { production: { v1: 0 } } }), [/labels\.production all shares are 0/])
  const two = { versions: { v1: SUMMARISE.versions.v1, v2: SUMMARISE.versions.v2 } }
  t.match(problemsOf(t, { inline: { s: two } }), [
    /there is no label "production", the default, and more than one version/
  ])
})

t.test('mistakes in files are told with the file', async t => {
  const folder = (files: Record<string, string>) => problemsOf(t, { folder: 'prompts' }, { prompts: { s: files } })
  t.match(folder({ 'v1.yaml': 'model: 1' }), [/^v1\.yaml .*expected/])
  t.match(folder({ 'v1.yaml': '{' }), [/^v1\.yaml {2}not valid YAML/])
  t.match(folder({}), [/the prompt "s" has no version; expected a file like v1\.yaml/])
  t.match(folder({ '1.yaml': V1 }), [/"1" is no name for a version/])
  t.match(folder({ 'v1.yaml': V1.replace('Hello', `x\${env:HOME}`) }), [/^v1\.yaml messages\[0\]\.content /])
  t.match(problemsOf(t, { folder: 'nowhere' }), [/the folder of prompts cannot be read/])
  const both = problemsOf(t, { folder: 'prompts', inline: { s: SUMMARISE } }, { prompts: { s: { 'v1.yaml': V1 } } })
  t.match(both, [/there is a prompt "s" in the folder of prompts too/])
  t.match(problemsOf(t, {}, { 'prompts.lock': '{}' }), [/this is no lock file of prompts/])
})

t.test('the prompt in the guide is one', async t => {
  const guide = readFileSync(new URL('../../../../core/GUIDE.md', import.meta.url), 'utf8')
  const file = (name: string) =>
    new RegExp(`\`\`\`yaml\n# prompts/summarise/${name}\n([^]*?)\`\`\``).exec(guide)?.[1] ?? ''
  const files = { 'v1.yaml': V1, 'v2.yaml': file('v2.yaml'), 'prompt.yaml': file('prompt.yaml') }
  const { prompts } = open(t, { folder: 'prompts' }, { prompts: { summarise: files } })
  const { version } = chooseVersion(prompts, 'summarise', { version: undefined, label: 'staging', who: undefined })
  const call = readPromptCall({ variables: { text: 'Long.', points: ['cost', 'time'] } })
  t.match(renderPrompt(version, call).messages, [
    { role: 'system', content: [{ text: 'Summarise in a dry tone.\n- mention cost\n- mention time' }] },
    { role: 'user', content: [{ text: 'Long.' }] }
  ])
})

t.test('a split between versions that need other variables is warned of', async t => {
  const version = (...names: string[]) => ({
    model: 'm',
    messages: [{ role: 'user', content: names.map(name => `{{${name}}}`).join(' ') }],
    variables: Object.fromEntries(names.map(name => [name, { type: 'string', required: name !== 'extra' }]))
  })
  const versions = { v1: version('a'), v2: version('a', 'extra'), v3: version('b') }
  const warnings = (production: object) =>
    splitWarnings(open(t, { inline: { p: { labels: { production }, versions } } }).prompts.values())
  t.strictSame(warnings({ v1: 1, v2: 1, v3: 0 }), [])
  t.match(warnings({ v1: 1, v3: 1 }), [/label "production" of prompt "p" .*v1 a; v3 b/])
})
