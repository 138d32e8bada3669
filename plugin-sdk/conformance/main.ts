/**
 * Plays the conformance cases on a guest, and says for each whether it passes:
 *
 *     node build/plugin-sdk/conformance/main.js path/to/guest.wasm     any guest
 *     node build/plugin-sdk/conformance/main.js                        the one made with the SDK in AssemblyScript
 *
 * Exit codes: 0 all pass, 1 some do not, 2 there is no such guest or the host would not take it.
 */
import { buildGuest } from './build.js'
import { conformance } from './kit.js'

try {
  const results = await conformance(process.argv[2] ?? (await buildGuest()))
  for (const { title, problems } of results) {
    console.log(`${problems === undefined ? 'skip' : problems.length === 0 ? 'ok  ' : 'FAIL'} ${title}`)
    for (const problem of problems ?? ['the guest does not export its hook']) console.log(`       ${problem}`)
  }
  const failed = results.filter(({ problems }) => problems !== undefined && problems.length > 0).length
  const skipped = results.filter(({ problems }) => problems === undefined).length
  console.log(`${results.length - failed - skipped} of ${results.length} pass, ${skipped} are skipped`)
  process.exitCode = failed > 0 ? 1 : 0
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown)
  process.exitCode = 2
}
