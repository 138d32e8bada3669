import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCompiler, runCompiler } from '../../core/cli/plugin/asc.js'
import { ROOT } from './messages.js'

const SDK = join(ROOT, 'plugin-sdk')
const ABORT = 'abort=~lib/@sluice/plugin-sdk/assembly/abort/abort'
const TIMEOUT_MS = 120_000

/**
 * Compiles the guest made with the SDK in AssemblyScript and returns its file. Not by `sluice plugin build`, which takes only
 * hooks that the gateway calls: the contract may be ahead of it.
 * @throws Error with the compiler's messages
 */
export async function buildGuest(): Promise<string> {
  const folder = join(SDK, 'conformance/guest')
  const file = join(folder, 'build/conformance.wasm')
  mkdirSync(join(folder, 'build'), { recursive: true })
  const lib = mkdtempSync(join(tmpdir(), 'sluice-conformance-'))
  try {
    mkdirSync(join(lib, '@sluice'))
    symlinkSync(SDK, join(lib, '@sluice', 'plugin-sdk'), 'junction')
    const flags = ['-O2', '--runtime', 'incremental', '--exportStart', '_initialize', '--use', ABORT, '--noColors']
    const args = ['assembly/index.ts', '--outFile', 'build/conformance.wasm', '--lib', lib, ...flags]
    const { exitCode, output } = await runCompiler(findCompiler(folder), args, folder, TIMEOUT_MS)
    if (exitCode !== 0) throw new Error(`the conformance guest does not compile:\n${output}`)
  } finally {
    rmSync(lib, { recursive: true, force: true })
  }
  return file
}
