import type { Buffer } from 'node:buffer'
import type { StreamReader, StreamWatch } from '../../ai/dialects/dialect.js'
import type { ProviderFailure } from '../../ai/failure.js'
import type { Frame, FrameWriter, Framing } from '../../ai/frames/frame.js'
import { EditedSource } from '../../ai/streams/edited-source.js'
import type { After } from '../../ai/streams/relay.js'
import type { BodySource } from '../../base/body.js'
import type { AiCall } from './call.js'
import { hasHook } from './hooks.js'
import type { StreamEditor } from './stream-editor.js'
import { wishOf } from './wish.js'

/** Whether policies look at what is streamed: it is written anew for them, which only a chat can be. */
export function looksAtStreams(call: AiCall): boolean {
  return call.ai.endpoint.operation === 'chat' && hasHook(call, 'on_delta', 'on_tool_call', 'on_completion')
}

/** How a stream comes. */
export interface StreamFrom {
  readonly framing: Framing
  readonly reader: StreamReader
  /** Whether in the client's dialect. */
  readonly same: boolean
}

/** A stream as policies make it anew, in the client's dialect. */
export function editedSource(
  call: AiCall,
  source: BodySource,
  { framing, reader, same }: StreamFrom,
  bytes: FrameWriter,
  editor: StreamEditor
): BodySource {
  const writer = call.ai.dialect.chat.streamWriter({ ...wishOf(call), sameDialect: same })
  return new EditedSource(source, framing.reader(), reader, editor, writer, bytes, after)
}

/** How a client is told of a failure. @param watch - knows what the client has seen; left out: whatever went before */
export function failedIn({ ai, asked }: AiCall, watch?: StreamWatch): (failure: ProviderFailure) => readonly Frame[] {
  const wish = { model: asked.model, includeUsage: false, request: asked.json }
  return failure => watch?.broken?.(failure) ?? ai.dialect.chat.streamWriter(wish).write({ type: 'failure', failure })
}

export function inBytes(
  failed: (failure: ProviderFailure) => readonly Frame[],
  writer: FrameWriter
): (failure: ProviderFailure) => Buffer[] {
  return failure => [...failed(failure).map(writer.write, writer), writer.end()]
}

export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return { off: () => clearTimeout(timer), again: () => timer.refresh() }
}
