import type { Dialect, DialectName } from './dialect.js'

/** Every dialect, by name. */
export const dialects: ReadonlyMap<DialectName, Dialect> = new Map<DialectName, Dialect>([])
