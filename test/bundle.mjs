/**
 * Writes build/run, which `npm test` runs: each compiled test with what it loads of core/ and its dependencies, as a few files. Loading single
 * modules is most of what a short test takes.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS, THREAD_URL } from '../core/bundle-options.mjs'

const COMPILED = fileURLToPath(new URL('../build/', import.meta.url))
const TESTS = join(COMPILED, 'test')
const BUNDLE = join(COMPILED, 'run')
const CORE = join(COMPILED, 'core/')
/** tap is two hundred modules. It leaves its own lines out of a failure's by where they are. */
const TAP = join(BUNDLE, 'node_modules/@tapjs/tap.js')
const DOMAIN = fileURLToPath(new URL('plain-domain.mjs', import.meta.url))

rmSync(BUNDLE, { recursive: true, force: true })
const tests = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.js'))
await build({
  ...BUNDLE_OPTIONS,
  entryPoints: tests.map(file => join(TESTS, file)),
  outbase: TESTS,
  outdir: BUNDLE,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [{ name: 'tap', setup: leaveTap }, ...BUNDLE_OPTIONS.plugins, { name: 'own-url', setup: keepUrls }]
})
await build({
  ...BUNDLE_OPTIONS,
  splitting: false,
  entryPoints: [fileURLToPath(import.meta.resolve('tap'))],
  outfile: TAP,
  plugins: [
    { name: 'no-react', setup: leaveReact },
    { name: 'plain-domain', setup: useDomain }
  ]
})

function leaveTap({ onResolve }) {
  onResolve({ filter: /^tap$/ }, () => ({ path: pathToFileURL(TAP).href, external: true }))
}

/** tap compares React's elements, too: loading what that takes is a fifth of loading tap. */
function leaveReact({ onLoad }) {
  onLoad({ filter: /[\\/]tcompare[\\/].*[\\/]react-element-to-jsx-string\.js$/ }, () => ({
    contents: 'export default String'
  }))
}

function useDomain({ onResolve }) {
  onResolve({ filter: /^async-hook-domain$/ }, () => ({ path: DOMAIN }))
  onResolve({ filter: /^async_hooks$/ }, ({ importer }) => (importer.includes('@tapjs') ? { path: DOMAIN } : undefined))
}

/** Files are looked for beside the module that names them, wherever its code is now; those of threads are bundled, too. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\.js$/ }, ({ path }) => {
    if (!path.startsWith(COMPILED)) return undefined // a dependency
    const whole = readFileSync(path, 'utf8')
    const code = path.startsWith(CORE) ? whole.replaceAll(THREAD_URL, bundledThread) : whole
    return { contents: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'js' }
  })
}

function bundledThread(_, file) {
  return `new URL(${JSON.stringify(pathToFileURL(join(COMPILED, 'bin', file)).href)})`
}
