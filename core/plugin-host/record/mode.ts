/** What is recorded of the calls of an exchange: all of them, or those of a phase in which a plugin fails. */
export type RecordMode = 'all' | 'faults'
