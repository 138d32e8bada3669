import {
  onConfigure,
  onRequest,
  onRequestBody,
  RequestView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Copy } from './copy'
import { Match } from './match'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const TAG = 'mirror'

const match = new Match()
const copy = new Copy()

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

/** For settings in which the body is not copied: see "when" in plugin.json. */
export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, mirror)
}

/** For the others. */
export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, mirror)
}

function configure(settings: Settings): string {
  match.fill(settings)
  return copy.fill(settings)
}

function mirror(request: RequestView): Verdict {
  if (request.hasHeader(copy.markName) || !match.takes(request)) return Verdict.next()
  const effect = copy.of(request)
  return effect === null ? Verdict.next().tag(TAG, 'too-large') : Verdict.ask(effect).tag(TAG, 'sent')
}
