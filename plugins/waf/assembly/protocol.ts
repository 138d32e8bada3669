import { RequestView } from '@sluice/plugin-sdk/assembly'
import { enter, hit, Rule } from './rules'
import { byteAt, end, isWord, oneOf, skip, start } from './text'
import { FIRST, mix, WordSet } from './word-set'
import { Cue, cueOf } from './words'

/** What is odd about a request as such. */

let methods: string[] = []
const MAX_RANGES: i32 = 5
const SCRIPTS = new WordSet('php php3 php5 php7 phtml phar jsp jspx asp aspx ashx asmx cer cgi pl sh exe bat cmd ps1 htaccess war')

export function prepareProtocol(known: string[]): void {
  methods = known
}

export function checkProtocol(request: RequestView): void {
  enter('request', '', 0)
  if (!methods.includes(request.method)) hit(Rule.PROTO_METHOD)
  const agent = request.header('user-agent')
  if (agent == '') hit(Rule.PROTO_AGENT)
  const range = request.header('range')
  if (range != '' && range.split(',').length > MAX_RANGES) hit(Rule.PROTO_RANGE)
  if (request.headers('content-type').length > 1) hit(Rule.PROTO_TYPE)
}

/** The name of a tool that looks for holes, in the decoded text of a user agent. */
export function checkAgent(): void {
  for (let at = start; at < end; ) {
    const from = at
    let hash = FIRST
    while (isWord(byteAt(at))) hash = mix(hash, byteAt(at++))
    if (at > from && cueOf(hash, from, <i32>(at - from)) == Cue.TOOL) hit(Rule.SCAN_TOOL)
    if (at == from) at++
  }
}

/** A line end and the name of a header in the decoded text: it would become one. */
export function checkLineEnd(): void {
  for (let at = start; at < end; at++) {
    if (load<u8>(at) != 0x0a) continue
    const name = skip(at)
    let stop = name
    while (isWord(byteAt(stop)) || byteAt(stop) == 0x2d) stop++
    if (byteAt(stop) == 0x3a && isHeader(name, stop)) hit(Rule.PROTO_CRLF)
    if (oneOf(name, 'http') != 0 && byteAt(name + 4) == 0x2f) hit(Rule.PROTO_CRLF)
  }
}

/** The decoded name of a file that is sent: also "x.php.", "x.php/." and others with signs behind that some systems take off. */
export function checkFileName(): void {
  let last = end
  while (last > start && !isWord(byteAt(last - 1)) && byteAt(last - 1) < 0x80) last--
  for (let at = start; at < last; at++) {
    if (byteAt(at) != 0x2e) continue
    const stop = SCRIPTS.endAt(at + 1)
    if (stop != 0 && (stop == last || endsName(byteAt(stop)))) hit(Rule.PROTO_UPLOAD)
  }
}

/** x.asp;.jpg, x.php::$DATA: some servers read no farther. */
function endsName(byte: u32): bool {
  return byte == 0x3b || byte == 0x3a || byte == 0x22
}

function isHeader(from: usize, to: usize): bool {
  const name = String.UTF8.decodeUnsafe(from, to - from)
  return (
    name == 'set-cookie' ||
    name == 'location' ||
    name == 'content-type' ||
    name == 'content-length' ||
    name == 'transfer-encoding' ||
    name == 'refresh' ||
    name == 'host' ||
    name == 'access-control-allow-origin' ||
    name.startsWith('x-')
  )
}
