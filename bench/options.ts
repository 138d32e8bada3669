import { parseArgs } from 'node:util'
import { CASE_NAMES } from './cases.js'

export interface Options {
  readonly help: boolean
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Instead of the cases' own. */
  readonly connections: number | undefined
  readonly cases: readonly string[]
  /** Where the figures go as JSON, instead of bench/results/. */
  readonly json: string | undefined
  readonly strict: boolean
  /** Portkey is installed for its columns; without it they are left out. */
  readonly portkey: boolean
}

export const USAGE = `npm run bench -- [options]

  --case NAME        ${CASE_NAMES.join(', ')}; 
                     repeat for several (all); "ai": every case of the AI gateway
  --rounds N         alternating rounds of each contender (15)
  --seconds N        length of one run (1)
  --warm-up N        seconds of load before the first round, not counted (4)
  --connections N    instead of the cases' own; not for what is measured at rest
  --json FILE        where to write the figures (bench/results/<date>.json)
  --strict           exit with 1 when a bar is missed, not only when a run failed
  --portkey          also Portkey's AI gateway, which npm installs into a temporary folder
  --help`

/** @throws Error with a message for the user */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true, default: [...CASE_NAMES] },
      rounds: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '1' },
      'warm-up': { type: 'string', default: '4' },
      connections: { type: 'string' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      portkey: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  const cases = values.case.flatMap(name => (name === 'ai' ? AI_CASE_NAMES : [name]))
  const unknown = cases.find(name => !CASE_NAMES.includes(name))
  if (unknown !== undefined)
    throw new Error(`--case ${unknown}: there is no such case; it is one of ${CASE_NAMES.join(', ')}`)
  return {
    help: values.help,
    rounds: positive('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    warmUpSeconds: positive('--warm-up', values['warm-up']),
    connections: values.connections === undefined ? undefined : positive('--connections', values.connections),
    cases,
    json: values.json,
    strict: values.strict,
    portkey: values.portkey
  }
}

const AI_CASE_NAMES = CASE_NAMES.filter(name => name.startsWith('ai-'))

function positive(flag: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${flag} ${text}: expected a whole number from 1`)
  return number
}
