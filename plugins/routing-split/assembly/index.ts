import { onConfigure, onRequest, random, readsOnly, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { SplitCookie } from './cookie'
import { Race } from './race'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const COOKIE_SETTINGS = ['path', 'maxAge', 'sameSite', 'secure', 'httpOnly']

const race = new Race()
/** By target: all who are sent there get the same verdict. */
const verdicts: Verdict[] = []
let header = ''
let byConsumer = false
let cookie: SplitCookie | null = null

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, split)
}

function configure(settings: Settings): string {
  const mistake = settings.has('sticky') ? stick(settings.object('sticky')) : ''
  if (mistake.length > 0) return mistake
  readsOnly(byConsumer ? ['consumer'] : [])
  const wrong = race.fill(settings.objects('targets'))
  for (let i = 0; i < race.upstreams.length; i++) verdicts.push(sendTo(i).keep())
  return wrong
}

/** Returns "" or what is wrong with `sticky`. */
function stick(sticky: Settings): string {
  const by = sticky.string('by')
  byConsumer = by == 'consumer'
  if (byConsumer == sticky.has('name')) {
    return byConsumer ? 'sticky.name is for a header or a cookie, not for the consumer' : 'sticky.name is missing: the name of the ' + by
  }
  if (by == 'cookie') {
    if (sticky.string('sameSite') == 'none' && !sticky.bool('secure')) {
      return 'sticky.sameSite none needs secure: browsers drop the cookie without it'
    }
    cookie = SplitCookie.of(sticky)
    return ''
  }
  for (let i = 0; i < COOKIE_SETTINGS.length; i++) {
    if (sticky.has(COOKIE_SETTINGS[i])) return 'sticky.' + COOKIE_SETTINGS[i] + ' is for a cookie, not for a ' + by
  }
  header = sticky.string('name')
  return ''
}

function split(request: RequestView): Verdict {
  const jar = cookie
  if (jar !== null) return splitByCookie(request, jar)
  const value = byConsumer ? request.consumer : header.length > 0 ? request.header(header) : ''
  return unchecked(verdicts[value.length > 0 ? race.winner(value) : race.draw(random())])
}

function splitByCookie(request: RequestView, jar: SplitCookie): Verdict {
  const known = jar.read(request)
  if (known.length > 0) return unchecked(verdicts[race.winner(known)])
  // The edit travels with this verdict: the reply needs no call of its own.
  const value = jar.draw()
  return sendTo(race.winner(value)).addResponseHeader('set-cookie', jar.line(value))
}

function sendTo(target: i32): Verdict {
  const upstream = race.upstreams[target]
  return Verdict.next().setUpstream(upstream).tag('split', upstream)
}
