import {
  base64Decode,
  Hash,
  hexEncode,
  hmac,
  lowerAscii,
  onConfigure,
  onRequest,
  randomBytes,
  Recent,
  RequestView,
  Settings,
  utf8Text,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { User, Users } from './users'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const HEADER = 'authorization'
const SCHEME = 'basic '
/** Names and passwords are short; hashing a long text for a stranger is work for nothing. */
const MAX_VALUE: i32 = 2048
const COLON: u8 = 0x3a

const users = new Users()
/** Users by what they showed, under a key that only this thread knows: no password is kept. */
const recent = new Recent<User>()
let recentKey = new Uint8Array(0)
let hides = true
let missing = Verdict.deny(401, '')
let malformed = missing
let ambiguous = missing
let wrong = missing
let disabled = missing

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  const realm = settings.string('realm', 'api')
  hides = settings.bool('hidePassword', true)
  recent.keep(settings.int('cache', 1000))
  recentKey = randomBytes(32)
  missing = refuse('missing', realm)
  malformed = refuse('malformed', realm)
  ambiguous = refuse('ambiguous', realm)
  wrong = refuse('wrong', realm)
  disabled = refuse('disabled', realm)
  return users.fill(settings.objects('users'))
}

function check(request: RequestView): Verdict {
  if (!request.hasHeader(HEADER)) return missing
  const values = request.headers(HEADER)
  if (values.length > 1) return ambiguous
  const value = values[0]
  if (lowerAscii(value.substring(0, SCHEME.length)) != SCHEME) return missing
  if (value.length > MAX_VALUE) return malformed
  const shown = base64Decode(value.substring(SCHEME.length).trim())
  if (shown === null) return malformed
  const colon = shown.indexOf(COLON)
  if (colon < 0 || hasControl(shown)) return malformed
  return judge(shown, colon)
}

function judge(shown: Uint8Array, colon: i32): Verdict {
  const mark = hexEncode(hmac(Hash.SHA256, recentKey, shown))
  const known = recent.get(mark)
  if (known !== null) return admit(known)
  const named = users.find(utf8Text(shown.subarray(0, colon)))
  // For a name that nobody has, the work is done all the same: the time does not tell who is known.
  const good = (named === null ? users.slowest : named).knows(shown.slice(colon + 1))
  if (named === null || !good) return wrong
  if (named.disabled) return disabled
  recent.put(mark, named)
  return admit(named)
}

function admit(user: User): Verdict {
  const verdict = Verdict.next().setConsumer(user.consumer)
  verdict.tags = user.tags
  return hides ? verdict.removeHeader(HEADER) : verdict
}

/** RFC 7617 section 2: neither names nor passwords have control characters. */
function hasControl(bytes: Uint8Array): bool {
  for (let i = 0; i < bytes.length; i++) if (unchecked(bytes[i]) < 0x20 || unchecked(bytes[i]) == 0x7f) return true
  return false
}

/** The client gets the same answer whatever was wrong; why is in the log, as a tag. */
function refuse(why: string, realm: string): Verdict {
  return Verdict.deny(401, 'A valid name and password are required.')
    .withHeader('www-authenticate', 'Basic realm="' + realm + '", charset="UTF-8"')
    .tag('auth-basic', why)
}
