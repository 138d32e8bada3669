import { resolve } from 'node:path'
import { bytes } from '../base/units.js'
import { type Network, parseNetwork } from './networks.js'
import type { Record } from './schema-record.js'

export interface RecordConfig {
  /** Absolute. */
  readonly folder: string
  /** Share of all exchanges. */
  readonly sample: number
  readonly header:
    | { readonly name: string; readonly from: readonly Network[]; readonly token: string | undefined }
    | undefined
  readonly faults: boolean
  readonly maxFiles: number
  readonly maxBytes: number
}

export function resolveRecord(record: Record, folder: string): RecordConfig {
  const { header, sample, faults, maxFiles } = record
  return {
    folder: resolve(folder, record.folder),
    sample,
    header: header && {
      name: header.name,
      from: header.from.flatMap(text => parseNetwork(text) ?? []),
      token: header.token
    },
    faults,
    maxFiles,
    maxBytes: bytes(record.maxBytes)
  }
}
