/**
 * Writes build/bin: the compiled core/ and its 700 modules of TypeBox, as a few files. Loading 1,400 single modules is half
 * of what a start takes. Every other dependency stays where npm put it.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS } from './bundle-options.mjs'

const COMPILED = fileURLToPath(new URL('../build/core/', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../build/bin/', import.meta.url))

rmSync(BUNDLE, { recursive: true, force: true })
await build({
  ...BUNDLE_OPTIONS,
  entryPoints: [join(COMPILED, 'main.js'), ...threads()],
  outdir: BUNDLE,
  // All in one folder: a thread's file is then beside whichever file starts it.
  entryNames: '[name]',
  chunkNames: '[name]-[hash]'
})

/** The files that run in threads of their own: what `new URL('./x.js', import.meta.url)` names. */
function threads() {
  const files = readdirSync(COMPILED, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))
  return files.flatMap(file => {
    const code = readFileSync(join(COMPILED, file), 'utf8')
    const named = code.matchAll(/new URL\('(\.\/[\w-]+\.js)', import\.meta\.url\)/g)
    return [...named].map(([, name = '']) => join(COMPILED, dirname(file), name))
  })
}
