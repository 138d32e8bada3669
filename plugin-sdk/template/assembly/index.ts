import {
  constantTimeEqual,
  log,
  onConfigure,
  onRequest,
  RequestView,
  Settings,
  utf8Bytes,
  Verdict
} from '@sluice/plugin-sdk/assembly'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

// Settings are read once, in on_configure, and kept in globals: a hook is then only a few comparisons.
let header = ''
let key = new Uint8Array(0)

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

/** "" means the settings are good; anything else refuses them and is what the operator reads. */
function configure(settings: Settings): string {
  header = settings.string('header', 'x-key')
  key = utf8Bytes(settings.string('key'))
  return key.length == 0 ? 'the key is empty' : ''
}

function check(request: RequestView): Verdict {
  const shown = request.header(header)
  if (shown == '') return Verdict.deny(401, 'Send your key in the header ' + header + '.')
  if (!constantTimeEqual(utf8Bytes(shown), key)) {
    log.warn('wrong key from ' + request.clientIp)
    return Verdict.deny(403, 'The key is not known.')
  }
  return Verdict.next().tag('key', 'ok')
}
