import {
  Credentials,
  onConfigure,
  onRequest,
  RequestView,
  Settings,
  Shown,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Holder, KeyTable } from './keys'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

/** A key is a secret of some tens of characters; hashing a long text for a stranger is work for nothing. */
const MAX_KEY_LENGTH: i32 = 4096

const credentials = new Credentials()
const keys = new KeyTable()
let hideKey = true
let realm = ''
/** Refusals are made once: a flood of requests without a key must cost little. */
let missing = Verdict.deny(401, '')
let unknown = missing
let ambiguous = missing

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  const mistake = credentials.fill(settings.objects('in'), 'in')
  if (mistake != '') return mistake
  hideKey = settings.bool('hideKey', true)
  realm = settings.string('realm', 'api')
  missing = refuse('missing').keep()
  unknown = refuse('unknown').keep()
  ambiguous = refuse('ambiguous').keep()
  return keys.fill(settings.objects('keys'))
}

function check(request: RequestView): Verdict {
  const shown = credentials.look(request)
  if (shown == Shown.NOTHING) return missing
  return shown == Shown.SEVERAL ? ambiguous : judge(request)
}

function judge(request: RequestView): Verdict {
  if (credentials.isLonger(MAX_KEY_LENGTH)) return unknown
  const holder = keys.find(credentials.digest())
  if (holder === null) return unknown
  if (holder.disabled) return refuse('disabled').tag('auth-key.consumer', holder.consumer)
  return admit(request, holder)
}

/** Whoever shows the same key in the same places gets the same verdict: the last one of each holder is kept. */
function admit(request: RequestView, holder: Holder): Verdict {
  const hides = hideKey ? credentials.hides(request) : 0
  const known = holder.admitted
  if (known !== null && hides == holder.hides) return known
  const verdict = Verdict.next().setConsumer(holder.consumer)
  verdict.tags = holder.tags
  if (hideKey) credentials.hide(request, verdict)
  if (hides < 0) return verdict
  holder.hides = hides
  holder.admitted = verdict.keep()
  return verdict
}

/** The client gets the same answer whatever was wrong with its key; why is in the log, as a tag. */
function refuse(why: string): Verdict {
  const verdict = Verdict.deny(401, 'A valid API key is required.').tag('auth-key', why)
  const places = credentials.places
  for (let i = 0; i < places.length; i++) verdict.withHeader('www-authenticate', places[i].challenge(realm))
  return verdict
}
