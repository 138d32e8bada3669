/**
 * Writes build/run, which `npm test` runs: each compiled test with what it loads of core/ and its dependencies, as a few files. Loading single
 * modules is most of what a short test takes.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS } from '../core/bundle-options.mjs'

const COMPILED = fileURLToPath(new URL('../build/', import.meta.url))
const TESTS = join(COMPILED, 'test')
const BUNDLE = join(COMPILED, 'run')
const BIN = join(COMPILED, 'bin')
/** How core/ names the files of its threads. */
const THREAD = /new URL\('\.\/([\w-]+\.js)', import\.meta\.url\)/g

rmSync(BUNDLE, { recursive: true, force: true })
const tests = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.js'))
await build({
  ...BUNDLE_OPTIONS,
  entryPoints: tests.map(file => join(TESTS, file)),
  outbase: TESTS,
  outdir: BUNDLE,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [...BUNDLE_OPTIONS.plugins, { name: 'own-url', setup: keepUrls }]
})

/** Files are looked for beside the module that names them, wherever its code is now; those of threads are bundled, too. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\.js$/ }, ({ path }) => {
    if (!path.startsWith(COMPILED)) return undefined // a dependency
    const code = readFileSync(path, 'utf8').replaceAll(THREAD, (whole, file) => {
      const bundled = join(BIN, file)
      return existsSync(bundled) ? `new URL(${JSON.stringify(pathToFileURL(bundled).href)})` : whole
    })
    return { contents: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'js' }
  })
}
