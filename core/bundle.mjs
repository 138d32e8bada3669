/**
 * Writes build/bin: the compiled core/ and most of what it depends on, as a few files. Loading 1,600 single modules is half
 * of what a start takes.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS, THREAD_URL } from './bundle-options.mjs'

const COMPILED = fileURLToPath(new URL('../build/core/', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../build/bin/', import.meta.url))
/** The plugin threads: each reload starts some. One file, with nothing that is not theirs. */
const ALONE = join(COMPILED, 'plugin-host/worker.js')

rmSync(BUNDLE, { recursive: true, force: true })
// All in one folder: a thread's file is then beside whichever file starts it.
const into = { outdir: BUNDLE, entryNames: '[name]', chunkNames: '[name]-[hash]' }
const entries = [join(COMPILED, 'main.js'), ...threads()].filter(file => file !== ALONE)
await build({ ...BUNDLE_OPTIONS, ...into, entryPoints: entries })
await build({ ...BUNDLE_OPTIONS, ...into, entryPoints: [ALONE], splitting: false })

/** The files that run in threads or processes of their own. */
function threads() {
  const files = readdirSync(COMPILED, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))
  return files.flatMap(file => {
    const code = readFileSync(join(COMPILED, file), 'utf8')
    const named = code.matchAll(THREAD_URL)
    return [...named].map(([, name = '']) => join(COMPILED, dirname(file), name))
  })
}
