import { toGatewayError } from '../../base/errors.js'
import { buildPlugin, isUpToDate, STALE } from './build.js'
import type { SnapshotMode } from './snapshot.js'
import { reportOn } from './test.js'
import { watchFolder } from './watch.js'

/** Plays the cases of each plugin and prints what came of them. @returns the exit code: a plugin without a case is not tested */
export async function testFolders(folders: readonly string[], mode: SnapshotMode | undefined): Promise<number> {
  let good = true
  for (const folder of folders) good = (await testFolder(folder, mode)) && good
  return good ? 0 : 1
}

/** Builds, plays and prints after every change. Ends with its process. */
export function testOnChange(folder: string, mode: SnapshotMode | undefined): Promise<never> {
  return watchFolder(folder, async () => {
    try {
      await buildPlugin(folder)
      await testFolder(folder, mode)
    } catch (thrown) {
      process.stdout.write(`${toGatewayError(thrown).message}\n`)
    }
    process.stdout.write(`watching ${folder}\n\n`)
  })
}

async function testFolder(folder: string, mode: SnapshotMode | undefined): Promise<boolean> {
  const { plugin, results, uncovered } = await reportOn(folder, mode)
  const stale = (await isUpToDate(folder)) ? [] : [`${plugin}: ${STALE}`]
  const lines = results.flatMap(({ name, problems, written }) => [
    `${problems.length > 0 ? 'FAIL' : 'ok  '} ${plugin}: ${name}${written ? ' (written)' : ''}`,
    ...problems.map(problem => `       ${problem}`)
  ])
  const passed = results.filter(each => each.problems.length === 0).length
  lines.push(`${passed} of ${results.length} cases pass`, ...uncovered, ...stale)
  process.stdout.write(`${lines.join('\n')}\n`)
  return results.length > 0 && passed === results.length
}
