/**
 * Builds language/build/language.wasm: with clang and its linker for WebAssembly where they are installed (Debian: clang
 * and lld), else from the copy in language/prebuilt/. `--prebuilt` makes that copy anew.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'

const folder = new URL('language/', import.meta.url)
const built = new URL('build/language.wasm', folder)
const prebuilt = new URL('prebuilt/language.wasm', folder)

const FLAGS = ['--target=wasm32', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-nostdlib']
const LINK = ['--no-entry', '--strip-all', '-z,stack-size=16384', '--stack-first']

mkdirSync(new URL('build/', folder), { recursive: true })
const link = LINK.map(flag => `-Wl,${flag}`)
const clang = spawnSync('clang', [...FLAGS, ...link, '-o', built.pathname, 'src/language.c'], {
  cwd: folder,
  encoding: 'utf8'
})
const cannot =
  clang.error !== undefined || /unable to find|unable to execute|No available targets|not found/i.test(clang.stderr)
if (clang.status === 0) {
  console.log('built with clang')
  if (process.argv.includes('--prebuilt')) copyFileSync(built, prebuilt)
} else if (cannot) {
  copyFileSync(prebuilt, built)
  console.log('clang for wasm32 is not installed: took the prebuilt module')
} else {
  process.stderr.write(clang.stderr)
  process.exitCode = 1
}
