import { ByteWriter } from '../writer'

/** Pieces of a body to be written anew. */

@final
class Edit {
  constructor(
    readonly from: i32,
    readonly to: i32,
    readonly bytes: Uint8Array
  ) {}
}

let edits: Edit[] = []

export function beginEdits(): void {
  if (edits.length > 0) edits = []
}

export function edit(from: i32, to: i32, bytes: Uint8Array): void {
  edits.push(new Edit(from, to, bytes))
}

export function hasEdits(): bool {
  return edits.length > 0
}

/** The body with every edit made; of two that overlap the first one counts. All other bytes are as they were. */
export function edited(body: usize, size: i32): Uint8Array {
  edits.sort((a, b) => a.from - b.from)
  const writer = new ByteWriter(size + edits.length * 32)
  let kept = 0
  for (let i = 0; i < edits.length; i++) {
    const one = edits[i]
    if (one.from < kept) continue
    writer.raw(body + <usize>kept, one.from - kept)
    writer.raw(one.bytes.dataStart, one.bytes.length)
    kept = one.to
  }
  writer.raw(body + <usize>kept, size - kept)
  return writer.toBytes()
}
