import { onConfigure, onRequest, RequestView, Settings, sha256, utf8Bytes, Verdict } from '@sluice/plugin-sdk/assembly'
import { Holder, KeyTable } from './keys'
import { Place, Shown, shownKey } from './places'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

/** A key is a secret of some tens of characters; hashing a long text for a stranger is work for nothing. */
const MAX_KEY_LENGTH: i32 = 4096

const places: Place[] = []
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
  const wanted = settings.objects('in')
  for (let i = 0; i < wanted.length; i++) {
    const place = Place.of(wanted[i])
    for (let j = 0; j < places.length; j++) {
      if (places[j].id == place.id) return 'in[' + i.toString() + '] is the same place as in[' + j.toString() + ']'
    }
    places.push(place)
  }
  hideKey = settings.bool('hideKey', true)
  realm = settings.string('realm', 'api')
  missing = refuse('missing')
  unknown = refuse('unknown')
  ambiguous = refuse('ambiguous')
  return keys.fill(settings.objects('keys'))
}

function check(request: RequestView): Verdict {
  for (let i = 0; i < places.length; i++) {
    const shown = places[i].look(request)
    if (shown == Shown.SEVERAL) return ambiguous
    if (shown == Shown.KEY) return judge(request)
  }
  return missing
}

function judge(request: RequestView): Verdict {
  if (shownKey.length > MAX_KEY_LENGTH) return unknown
  const holder = keys.find(sha256(utf8Bytes(shownKey)))
  if (holder === null) return unknown
  if (holder.disabled) return refuse('disabled').tag('auth-key.consumer', holder.consumer)
  return admit(request, holder)
}

function admit(request: RequestView, holder: Holder): Verdict {
  const verdict = Verdict.next().setConsumer(holder.consumer)
  verdict.tags = holder.tags
  if (!hideKey) return verdict
  const before = request.query
  let query = before
  for (let i = 0; i < places.length; i++) query = places[i].hide(request, query, verdict)
  return query == before ? verdict : verdict.setQuery(query)
}

/** The client gets the same answer whatever was wrong with its key; why is in the log, as a tag. */
function refuse(why: string): Verdict {
  const verdict = Verdict.deny(401, 'A valid API key is required.').tag('auth-key', why)
  for (let i = 0; i < places.length; i++) verdict.withHeader('www-authenticate', places[i].challenge(realm))
  return verdict
}
