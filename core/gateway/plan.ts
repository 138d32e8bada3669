import type { Loaded } from '../config/load.js'
import { ConfigError, type Path } from '../config/problems.js'
import type { Config } from '../config/resolve.js'
import { storesFor } from '../plugin-host/shared-stores.js'
import { type Bindings, loadBindings } from './bindings.js'

/**
 * A configuration and the plugins it needs, loaded and compiled: what a snapshot is opened from. Sent to threads by
 * structured clone; there are as many snapshots of one plan as there are event loops, with one memory for what plugins keep.
 */
export interface Plan {
  readonly config: Config
  readonly bindings: Pick<Bindings, 'routes' | 'all' | 'modules'>
  /** By namespace, the memory of its keys and values. */
  readonly stores: ReadonlyMap<string, SharedArrayBuffer>
}

/**
 * @param known - stores of the plan before: those of plugins that are still bound go on
 * @throws ConfigError with everything that is wrong with the plugins and their settings
 */
export async function makePlan(loaded: Loaded, known?: Plan['stores']): Promise<Plan> {
  const { problems, routes, all, modules } = await loadBindings(loaded)
  if (problems.length > 0) throw new ConfigError(problems)
  return { config: loaded.config, bindings: { routes, all, modules }, stores: storesFor(all, known) }
}

/** Something that shows only when a snapshot is opened, at its path in the configuration. */
export interface Unready {
  readonly path: Path
  readonly message: string
}

/** A plan that cannot be opened. Whoever has the file can say where (`problemAt`). */
export class NotReady extends Error {
  constructor(readonly problems: readonly Unready[]) {
    super(problems.map(({ message }) => message).join('; '))
  }
}
