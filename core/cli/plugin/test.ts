import type { Manifest } from '../../base/manifest.js'
import { compare } from './compare.js'
import { coverage } from './coverage.js'
import { type SnapshotMode, writeSnapshot } from './snapshot.js'
import { type Performance, type Staged, stage } from './stage.js'

export interface CaseResult {
  readonly name: string
  /** Empty: the case passes. */
  readonly problems: readonly string[]
  /** Its expectations were written into its file. */
  readonly written?: true
}

export interface TestReport {
  readonly plugin: string
  readonly results: readonly CaseResult[]
  /** What no case touches, a sentence each. Not a failure. */
  readonly uncovered: readonly string[]
}

/**
 * Plays every case of the plugin in `folder` in the real host.
 * @throws GatewayError GW_PLUGIN_INVALID when the plugin cannot be loaded or a case file is not a case
 */
export async function testPlugin(folder: string): Promise<readonly CaseResult[]> {
  return (await reportOn(folder)).results
}

/**
 * As testPlugin, with what the cases leave out.
 * @param mode - 'missing' writes expectations where there are none, 'all' also where they do not hold any more
 */
export async function reportOn(folder: string, mode?: SnapshotMode): Promise<TestReport> {
  return reportOf(await stage(folder), mode)
}

/** The report of cases that were played. */
export function reportOf(staged: Staged, mode?: SnapshotMode): TestReport {
  const { manifest } = staged.files
  const results = staged.performances.map(each => resultOf(each, manifest, mode))
  return { plugin: manifest.name, results, uncovered: coverage(staged) }
}

function resultOf(performance: Performance, manifest: Manifest, mode: SnapshotMode | undefined): CaseResult {
  const { name } = performance.file
  const problems = problemsOf(performance)
  if (problems.length === 0 || mode === undefined) return { name, problems }
  return writeSnapshot(performance, manifest, mode) ? { name, problems: [], written: true } : { name, problems }
}

function problemsOf({ file, outcome }: Performance): string[] {
  const { expect } = file.case
  if (outcome.kind === 'failed') return [outcome.message]
  if (expect === undefined) return ['it expects nothing: write "expect", or have it written with --snapshot']
  if (outcome.kind === 'refused') {
    const { message } = outcome
    if (expect.refused === undefined)
      return [`the settings were refused: ${message.replace(/^refuses its settings: /, '')}`]
    return message.includes(expect.refused) ? [] : [`refused with "${message}", expected "${expect.refused}"`]
  }
  if (expect.refused !== undefined) return ['the settings were accepted, expected them to be refused']
  return compare(expect, outcome.played)
}
