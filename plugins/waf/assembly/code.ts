import { hit, Rule } from './rules'
import { byteAt, end, isAt, isBody, isDigit, isLetter, isNear, isQuote, isWord, oneOf, skip, start } from './text'

/** Code of servers: lookups, object streams, templates; and addresses that only the server itself can reach. */

/** "$" at `at`: Log4j's lookups, also nested. */
export function checkLookup(at: usize): void {
  if (byteAt(at + 1) != 0x7b) return
  if (isAt(at + 2, 'jndi:')) return hit(Rule.CODE_JNDI)
  if (!isNear(at + 2, '${', 200)) {
    if (byteAt(at + 2) != 0x7d && (isDigit(byteAt(at + 2)) || isAt(at + 2, 't(') || isAt(at + 2, '@'))) hit(Rule.CODE_TEMPLATE)
    return
  }
  if (isNear(at + 2, 'lower:', 200) || isNear(at + 2, 'upper:', 200) || isNear(at + 2, '::-', 200) || isNear(at + 2, ':-j', 200)) {
    hit(Rule.CODE_JNDI)
  }
}

/** "{" at `at`: templates that compute. */
export function checkTemplate(at: usize): void {
  if (byteAt(at + 1) == 0x7b || byteAt(at + 1) == 0x25) {
    const inner = skip(at + 2)
    if (isDigit(byteAt(inner)) || byteAt(inner) == 0x27 || isAt(inner, 'config') || isAt(inner, 'self.') || isNear(inner, '__class__', 120)) {
      hit(Rule.CODE_TEMPLATE)
    }
    return
  }
  const sign = byteAt(at - 1)
  if ((sign == 0x23 || sign == 0x2a || sign == 0x40) && isDigit(byteAt(at + 1)) && isNear(at, '}', 60)) hit(Rule.CODE_TEMPLATE)
}

/** "(" at `at`: () { :; } in a variable, and filters of LDAP. */
export function checkParenthesis(at: usize): void {
  if (byteAt(at + 1) == 0x29 && byteAt(skip(at + 2)) == 0x7b) {
    const inner = skip(skip(at + 2) + 1)
    if ((at == start && !isBody) || byteAt(inner) == 0x3a) hit(Rule.CODE_SHELLSHOCK)
  }
  if (byteAt(at - 1) == 0x29 && (byteAt(at + 1) == 0x7c || byteAt(at + 1) == 0x26) && byteAt(at + 2) == 0x28) hit(Rule.LDAP_FILTER)
  if (byteAt(at - 1) == 0x29 && byteAt(at - 2) == 0x2a && isLetter(byteAt(at + 1)) && isNear(at + 1, '=', 30)) hit(Rule.LDAP_FILTER)
}

/** __class__ and its kin, reached from a text or in a template: ''.__class__ */
export function checkPython(from: usize): void {
  if (isAt(from, '__import__(')) return hit(Rule.CODE_PYTHON)
  const before = byteAt(from - 1)
  const left = byteAt(from - 2)
  if (before == 0x2e && (isQuote(left) || left == 0x29 || left == 0x5d)) return hit(Rule.CODE_PYTHON)
  const limit = from - start > 60 ? from - 60 : start
  for (let at = from; at > limit; at--) if (isAt(at - 1, '{{') || isAt(at - 1, '{%')) return hit(Rule.CODE_PYTHON)
}

export function checkJava(from: usize, to: usize): void {
  if (isAt(from, 'class')) {
    if (isAt(to, '.module.classloader') || isAt(to, '.classloader.')) hit(Rule.CODE_JAVA)
  } else if (isAt(from, 'javax')) {
    if (isAt(from - 2, '!!')) hit(Rule.CODE_JAVA)
  } else if (isAt(from, 'java')) {
    if (isAt(to, '.lang.runtime') || isAt(to, '.lang.processbuilder') || isAt(to, '.lang.class')) hit(Rule.CODE_JAVA)
  } else if (isAt(from, 'ognl')) {
    if (byteAt(to) == 0x2e || byteAt(to) == 0x40) hit(Rule.CODE_JAVA)
  } else if (isAt(from, '_memberaccess')) {
    hit(Rule.CODE_JAVA)
  }
}

/** php://filter, phar://, expect:// */
export function checkPhp(to: usize): void {
  if (isAt(to, '://')) hit(Rule.CODE_PHP)
}

/** ":" at `at`: what begins a URL, or an object of PHP. */
export function checkScheme(at: usize): void {
  if (isDigit(byteAt(at + 1)) && isObject(at)) return hit(Rule.CODE_OBJECT)
  if (byteAt(at + 1) != 0x2f || byteAt(at + 2) != 0x2f) return
  let from = at
  while (from > start && isLetter(byteAt(from - 1))) from--
  const begins = from == start
  if (begins && oneOf(from, 'file gopher dict data ldap ldaps jar netdoc sftp tftp ogg glob zlib') != 0) return hit(Rule.SSRF_SCHEME)
  const host = at + 3
  if (isNear(host, '169.254.169.254', 24) || isAt(host, 'metadata.google') || isAt(host, '[fd00:ec2') || isAt(host, '0xa9fea9fe') || isAt(host, '2852039166')) {
    hit(Rule.SSRF_METADATA)
  } else if (begins && !isBody && (isAt(host, 'localhost') || isAt(host, '127.') || isAt(host, '[::') || isAt(host, '0.0.0.0') || isAt(host, '10.') || isAt(host, '192.168.'))) {
    hit(Rule.SSRF_LOCAL)
  }
}

/** Values that begin as the streams of Java's and .NET's objects do; `raw` is the value as it came. */
export function checkObjectStream(raw: usize, size: i32): void {
  if (size > 8 && load<u32>(raw) == 0x41304f72 && load<u8>(raw, 4) == 0x42) hit(Rule.CODE_OBJECT) // rO0AB
  if (size > 16 && load<u64>(raw) == 0x442f2f2f41414541) hit(Rule.CODE_OBJECT) // AAEAAAD
  if (size > 8 && load<u32>(raw) == 0x64656361 && load<u32>(raw, 4) == 0x35303030) hit(Rule.CODE_OBJECT) // aced0005
}

/** o:4:"user":… */
function isObject(at: usize): bool {
  const kind = byteAt(at - 1)
  if ((kind != 0x6f && kind != 0x63) || isWord(byteAt(at - 2))) return false
  at++
  while (isDigit(byteAt(at))) at++
  return at < end && byteAt(at) == 0x3a && byteAt(at + 1) == 0x22
}
