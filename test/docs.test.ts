import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ERRORS } from '../core/base/errors.js'
import { ROOT, sluice } from './command.js'

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const README = readFileSync(`${ROOT}README.md`, 'utf8')

/** What is built, installed or made for fixtures is not documentation; other tests remove theirs while this one looks. */
const NOT_READ = new Set(['node_modules', 'build', '.tap', '.git', 'fixtures', 'template'])

/** Markdown files of the repository. */
const PAGES = pagesIn('')

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_READ.has(entry.name) ? [] : pagesIn(path)
    return path.endsWith('.md') ? [path] : []
  })
}

t.test('the error table of README.md has every row of the code, and no other', async t => {
  const rows = [...README.matchAll(/^\| `(GW_[A-Z_]+)` *\| (\d+) *\| (\w+) *\| (\w+) *\| (.+?) *\|$/gm)].map(
    ([, code, status, blame, retry, title]) => ({ code, status, blame, retry, title })
  )
  const expected = Object.entries(ERRORS).map(([code, { status, blame, retryable, title }]) => {
    return { code, status: String(status), blame, retry: retryable ? 'yes' : 'no', title }
  })
  t.strictSame(rows, expected)
  const mentioned = new Set(README.match(/\bGW_[A-Z_]+\b/g))
  t.strictSame([...mentioned].sort(), Object.keys(ERRORS).sort(), 'no code is named that does not exist')
})

t.test('every command of --help is in README.md', async t => {
  const { stdout } = await sluice(['--help'])
  const commands = [...stdout.matchAll(/^ {2}(sluice [a-z ]*[a-z])/gm)].map(match => match[1] ?? '')
  t.ok(commands.length >= 6, 'the commands are found')
  for (const command of commands) t.ok(README.includes(`\n${command}`), command)
  for (const [, option = ''] of stdout.matchAll(/(--[a-z]+)/g)) t.ok(README.includes(option), option)
})

t.test('README.md names no command that --help does not know', async t => {
  const { stdout } = await sluice(['--help'])
  const known = new Set(stdout.match(/sluice (plugin )?[a-z]+/g))
  const used = [...README.matchAll(/^(?:npx )?(sluice (?:plugin )?[a-z]+)/gm)].map(match => match[1] ?? '')
  t.ok(used.length >= 6, 'commands are found')
  t.strictSame(
    used.filter(command => !known.has(command)),
    []
  )
})

t.test('the configurations in README.md are some', async t => {
  const whole = blocks('yaml').filter(block => block.includes('routes:'))
  t.equal(whole.length, 2)
  const env = {
    MOBILE_KEY_SHA256: '0'.repeat(64),
    ANN_KEY_SHA256: '1'.repeat(64),
    OPENAI_API_KEY: 'k',
    ANTHROPIC_API_KEY: 'k'
  }
  for (const [i, yaml] of whole.entries()) {
    const file = `${t.testdir({ 'sluice.yaml': yaml })}/sluice.yaml`
    const { code, stderr } = await sluice(['check', '-c', file], { env })
    t.equal(code, 0, `${i} ${stderr}`)
  }
})

t.test('the plugin in README.md builds and passes its case', async t => {
  const folder = t.testdir()
  for (const block of [...blocks('ts'), ...blocks('jsonc')]) {
    const path = /^\/\/ (my-policy\/[a-z/.-]+)/.exec(block)?.[1]
    if (path === undefined) continue
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, path.endsWith('.json') ? block.slice(block.indexOf('\n')) : block)
  }
  t.match(await sluice(['plugin', 'build', 'my-policy'], { cwd: folder }), { code: 0 })
  t.match(await sluice(['plugin', 'test', 'my-policy'], { cwd: folder }), { code: 0, stdout: /1 of 1 cases pass/ })
})

t.test('examples/README.md lists every example', async t => {
  const text = readFileSync(`${ROOT}examples/README.md`, 'utf8')
  const folders = readdirSync(`${ROOT}examples`, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (const { name } of folders) t.ok(text.includes(`[${name}](${name}/)`), name)
})

t.test('the scripts that the documentation names exist', async t => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  for (const page of ['README.md', 'CONTRIBUTING.md', 'bench/README.md']) {
    const text = readFileSync(ROOT + page, 'utf8')
    const used = [...text.matchAll(/\bnpm (?:run )?(start|test|build|bench|gen|lint|format|[a-z]+(?=`))/g)]
    const missing = used.map(match => match[1] ?? '').filter(name => !Object.hasOwn(scripts, name) && name !== 'ci')
    t.strictSame(missing, [], page)
  }
})

t.test('links in Markdown files lead somewhere', async t => {
  t.ok(PAGES.length > 5, 'the pages are found')
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1] ?? '')
    const broken = links.filter(link => !leads(page, link))
    t.strictSame(broken, [], `${page}: ${links.length} links`)
  }
})

t.test('files that README.md names in its drawings exist', async t => {
  const paths = README.match(/\bcore\/[a-z/-]+(?:\/|\.ts\b)/g) ?? []
  t.ok(paths.length > 10, 'paths are found')
  t.strictSame(
    paths.filter(path => !existsSync(ROOT + path)),
    []
  )
})

/** The code blocks of README.md in a language. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1] ?? '')
}

/** Whether a link of a page names a file, and where it has a fragment, a heading of it. */
function leads(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true // the network is not part of the tests
  const [path = '', fragment] = link.split('#')
  const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
  if (!existsSync(file)) return false
  return fragment === undefined || headings(file).includes(fragment)
}

/** The anchors of a page's headings, as they are made where Markdown is shown. */
function headings(file: string): string[] {
  const lines = readFileSync(file, 'utf8').match(/^#+ .*$/gm) ?? []
  return lines.map(line =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}
