import {
  IpAddress,
  IpRanges,
  onConfigure,
  onRequest,
  RequestView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const allowed = new IpRanges()
const denied = new IpRanges()
let allowWins = false
let othersPass = true
/** Every answer is made once: who is refused asks again and again. */
let pass = Verdict.next()
let inDeny = pass
let notInAllow = pass
let unreadable = pass

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  let wrong = allowed.addAll(settings.strings('allow'), 'allow')
  if (wrong == '') wrong = denied.addAll(settings.strings('deny'), 'deny')
  if (wrong != '') return wrong
  if (allowed.isEmpty && denied.isEmpty) return 'there is nothing to do: name a range in allow or deny'
  allowWins = settings.string('wins', 'deny') == 'allow'
  othersPass = settings.string('otherwise', allowed.isEmpty ? 'allow' : 'deny') == 'allow'
  if (allowed.isEmpty && !othersPass) return 'otherwise: deny without an allow list would refuse everybody'
  if (denied.isEmpty && othersPass) return 'otherwise: allow without a deny list would refuse nobody'
  inDeny = refuse(settings, 'denied')
  notInAllow = refuse(settings, 'not-allowed')
  unreadable = refuse(settings, 'unreadable')
  return ''
}

function check(request: RequestView): Verdict {
  const address = IpAddress.parse(request.clientIp)
  // Nobody knows which list it would be in.
  if (address === null) return unreadable
  const isDenied = denied.has(address)
  if (isDenied && !allowWins) return inDeny
  if (allowed.has(address)) return pass
  if (isDenied) return inDeny
  return othersPass ? pass : notInAllow
}

function refuse(settings: Settings, why: string): Verdict {
  const verdict =
    settings.string('action', 'block') == 'tag'
      ? Verdict.next()
      : Verdict.deny(settings.int('status', 403), 'Requests from this address are not accepted.')
  return verdict.tag('ip-filter', why)
}
