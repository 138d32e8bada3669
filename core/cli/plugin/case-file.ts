import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { GatewayError } from '../../base/errors.js'
import { schemaProblems } from '../../plugin-host/schema-problems.js'
import { Case, type Expectation } from './case.js'

/** A case as it lies in its file. */
export interface CaseFile {
  /** Its file without ".json". */
  readonly name: string
  readonly path: string
  readonly case: Case
}

/**
 * The cases of the plugin in `folder`, by name; none when it has no folder "cases".
 * @throws GatewayError GW_PLUGIN_INVALID naming the file that is no case, and why
 */
export function readCases(folder: string): CaseFile[] {
  const dir = join(folder, 'cases')
  return caseNames(dir).map(file => {
    const path = join(dir, file)
    const value = parseJson(readFileSync(path, 'utf8'), path)
    if (!Value.Check(Case, value)) {
      const problems = schemaProblems(Case, value)
      throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${problems.slice(0, 3).join('; ')}`)
    }
    if (value.everyMs !== undefined && value.nowMs === undefined) {
      throw new GatewayError('GW_PLUGIN_INVALID', `${path}: everyMs moves the clock that nowMs sets: nowMs is missing`)
    }
    const apart = contradictionIn(value) ?? contradiction(value.expect ?? {})
    if (apart !== undefined) throw new GatewayError('GW_PLUGIN_INVALID', `${path}: ${apart}`)
    return { name: file.replace(/\.json$/, ''), path, case: value }
  })
}

/** Why what is given cannot be: an exchange that fails has no response of an upstream's. */
function contradictionIn({ error, response, ai }: Case): string | undefined {
  if (error === undefined || (response ?? ai) === undefined) return undefined
  return `its exchange fails ("error"), and has ${response === undefined ? '"ai"' : '"response"'}: only one of them can be`
}

/** Why an expectation cannot come true: settings that are refused make no exchange, and a policy that replies lets none go on. */
function contradiction(expect: Expectation): string | undefined {
  const parts = Object.keys(expect)
  const end = parts.find(part => part === 'refused') ?? parts.find(part => part === 'reply')
  const beside: readonly string[] = end === 'reply' ? ['effects', 'logged'] : []
  const others = parts.filter(part => part !== end && !beside.includes(part))
  if (end === undefined || others.length === 0) return undefined
  return `it expects "${end}", and beside it ${others.map(part => `"${part}"`).join(', ')}: only one of them can be`
}

function caseNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter(name => name.endsWith('.json'))
      .sort()
  } catch {
    return [] // no folder
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new GatewayError(
      'GW_PLUGIN_INVALID',
      `${path}: not JSON: ${thrown instanceof Error ? thrown.message : thrown}`
    )
  }
}
