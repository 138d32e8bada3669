import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'

/** `npm test`: tap, with its arguments. Tests are named as they are compiled, and run as they are bundled (bundle.mjs). */
const tap = createRequire(import.meta.url)
  .resolve('tap/package.json')
  .replace(/package\.json$/, 'dist/esm/run.mjs')
const env = { ...process.env, NODE_OPTIONS: `--import=${new URL('./plain-modules.js', import.meta.url).href}` }
const given = process.argv.slice(2).map(argument => argument.replace(/^(?:\.\/)?build\/test\//, 'build/run/'))
const [code] = await once(spawn(process.execPath, [tap, ...given], { env, stdio: 'inherit' }), 'exit')
process.exitCode = code ?? 1
