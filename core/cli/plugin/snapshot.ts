import { writeFileSync } from 'node:fs'
import type { Manifest } from '../../base/manifest.js'
import { isRecord } from '../../config/json.js'
import type { Expectation } from './case.js'
import { caseText } from './case-text.js'
import { expectationOf } from './expectation.js'
import type { Performance } from './stage.js'

/** 'missing': only cases that expect nothing. 'all': also those whose expectations do not hold. */
export type SnapshotMode = 'missing' | 'all'

/** Writes what came out of a case as what it expects. @returns whether it did: a plugin that failed is no expectation */
export function writeSnapshot({ file, outcome }: Performance, { name }: Manifest, mode: SnapshotMode): boolean {
  const before = file.case.expect
  if (outcome.kind === 'failed' || (before !== undefined && mode === 'missing')) return false
  const now: Expectation =
    outcome.kind === 'refused'
      ? { refused: ownWords(outcome.message, name) }
      : expectationOf(file.case, outcome.played, before)
  writeFileSync(file.path, caseText({ ...file.case, expect: before === undefined ? now : narrowed(now, before) }))
  return true
}

/** The plugin's own part of the message with which its settings were refused. */
function ownWords(message: string, plugin: string): string {
  return message.replace(/^.*?refuses its settings: /s, '').replace(`${plugin}: `, '')
}

/** What came out, but only of the parts that were looked at before: who wrote them left the others out on purpose. */
function narrowed(now: Expectation, before: Expectation): Expectation {
  const alike = ['refused', 'reply', 'response'].every(part => Object.hasOwn(now, part) === Object.hasOwn(before, part))
  return alike ? { ...before, ...pick(now, before) } : now
}

/** The members of `now` that `before` has, and so on inwards; what lacks one of them is taken whole, as are lists and texts. */
function pick(now: object, before: object): object {
  const members = Object.entries(now).filter(([key]) => Object.hasOwn(before, key))
  return Object.fromEntries(
    members.map(([key, value]: [string, unknown]) => {
      const old: unknown = Reflect.get(before, key)
      const whole = !isRecord(value) || !isRecord(old) || Object.keys(old).some(name => !Object.hasOwn(value, name))
      return [key, whole ? value : { ...pick(value, old) }]
    })
  )
}
