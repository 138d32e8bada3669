import { type Loaded, problemAt } from '../../config/load.js'
import { ConfigError, type Path, type Problem } from '../../config/problems.js'
import type { Config } from '../../config/resolve.js'
import { placeOf } from '../../config/resolve-listen.js'
import { type Finding, type Former, makePlan, type Plan } from '../../gateway/plan.js'
import { located, readConfig } from '../../gateway/read-config.js'

/** What is served while the next version of the file is read. */
export interface Served extends Former {
  /** `fixedParts` of its configuration. */
  readonly fixed: readonly (string | undefined)[]
}

export interface Planned {
  readonly plan: Plan
  /** All files it was made from, absolute. */
  readonly files: readonly string[]
}

/** Makes plans of a configuration file. */
export interface Planning {
  /** @throws ConfigError with everything that is wrong; GatewayError GW_INTERNAL */
  plan(file: string, served: Served | undefined): Promise<Planned>
  /** What showed when the plan it made last was opened, with its place in the file. */
  refusal(problems: readonly Finding[]): Promise<readonly Problem[]>
  /** Nothing is asked of the last plan any more. */
  done(): void
}

/** Makes them in the thread that calls it: reading a long configuration takes that thread a good part of a second. */
export class Planner implements Planning {
  /** @param loaded - the file, when it was read already: the first plan is made of it */
  constructor(private loaded?: Loaded) {}

  async plan(file: string, served: Served | undefined): Promise<Planned> {
    const loaded = (served === undefined ? this.loaded : undefined) ?? readConfig(file)
    this.loaded = loaded
    const fixed = served === undefined ? [] : changed(served.fixed, loaded.config)
    if (fixed.length > 0) {
      const message = 'cannot change while Sluice runs: restart it'
      throw new ConfigError(fixed.map(path => problemAt(loaded, path, message)))
    }
    return { plan: await makePlan(loaded, served), files: loaded.files }
  }

  async refusal(problems: readonly Finding[]): Promise<readonly Problem[]> {
    if (this.loaded === undefined) throw new Error('no plan was made')
    return located(this.loaded, problems).problems
  }

  done(): void {
    this.loaded = undefined
  }
}

/** What only a start can bring about. undefined: it is not in use, and may be so or otherwise from now on. */
const FIXED: readonly (readonly [Path, (config: Config) => string | undefined])[] = [
  [['listen'], ({ listen }) => listen.map(placeOf).join()],
  [['admin'], ({ admin }) => (admin === undefined ? '' : `${admin.host}:${admin.port}`)],
  [['threads'], ({ threads }) => String(threads)],
  // What was spent is written where it was counted. Where no budgets are left, it goes along to the file they come back in.
  [['ai', 'ledger', 'file'], ({ ai }) => (ai.budgets.length === 0 ? undefined : (ai.ledger.file ?? ''))]
]

/** To be compared with those of the next configuration. */
export function fixedParts(config: Config): (string | undefined)[] {
  return FIXED.map(([, of]) => of(config))
}

function changed(before: Served['fixed'], config: Config): Path[] {
  return FIXED.flatMap(([path, of], i) => {
    const [was, is] = [before[i], of(config)]
    return was === undefined || is === undefined || was === is ? [] : [path]
  })
}
