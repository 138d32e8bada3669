import { hit, Rule } from './rules'
import { byteAt, end, isAt, isBody, isPath, isWord, start } from './text'

/** Ways out of a folder, and files that nobody should be sent. */

/** ".." at `at`. */
export function checkDots(at: usize): void {
  let next = at + 2
  if (byteAt(next) == 0x3b) next++ // ..;/
  const slash = byteAt(next)
  if (slash != 0x2f && slash != 0x5c) {
    if (isPath && next >= end && byteAt(at - 1) == 0x2f) hit(Rule.PATH_TRAVERSAL)
    return
  }
  if (byteAt(at - 1) == 0x2e && !isAt(at - 2, '....//') && !isAt(at - 2, '....\\\\')) return // a sentence's dots
  if (isPath || next > at + 2) return hit(Rule.PATH_TRAVERSAL)
  if (at > start + 2 && byteAt(at - 2) == 0x2e && (byteAt(at - 1) == 0x2f || byteAt(at - 1) == 0x5c)) return // counted before
  const steps = stepsFrom(at)
  if (steps >= 3 || byteAt(at - 1) == 0x2e) hit(Rule.PATH_TRAVERSAL)
  else if (beginsValue(at) && (steps >= 2 || !isBody)) hit(Rule.PATH_TRAVERSAL)
  else if (steps >= 2 || isWord(byteAt(at - 2))) hit(Rule.PATH_RELATIVE)
}

/** A name from `from` to `to` that files have which nobody sends for. */
export function checkFile(from: usize, to: usize): void {
  if (!isFile(from, to)) return
  hit(isPath || beginsValue(from) ? Rule.PATH_FILE : Rule.PATH_MENTION)
}

function isFile(from: usize, to: usize): bool {
  const before = byteAt(from - 1)
  const slash = before == 0x2f || before == 0x5c
  if (isAt(from, 'passwd') || isAt(from, 'shadow')) return slash && folderBefore(from, 'etc')
  if (isAt(from, 'environ') || isAt(from, 'cmdline')) return slash && (folderBefore(from, 'self') || folderBefore(from, '1'))
  if (isAt(from, 'win.ini') || isAt(from, 'boot.ini')) return slash || from == start
  if (isAt(from, 'system32')) return slash && folderBefore(from, 'windows')
  if (isAt(from, 'web.xml')) return slash && folderBefore(from, 'web-inf')
  if (isAt(from, 'web.config')) return slash || from == start
  if (isAt(from, 'wp-config.')) return slash || from == start
  if (isAt(from, 'credentials')) return slash && folderBefore(from, '.aws')
  if (isAt(from, 'env')) return before == 0x2e && (byteAt(from - 2) == 0x2f || from - 1 == start) && to >= end
  if (isAt(from, 'git/') || isAt(from, 'svn/')) {
    return before == 0x2e && (isAt(to + 1, 'config') || isAt(to + 1, 'head') || isAt(to + 1, 'entries') || isAt(to + 1, 'index'))
  }
  if (isAt(from, 'htaccess') || isAt(from, 'htpasswd')) return before == 0x2e
  return (isAt(from, 'id_') || isAt(from, 'authorized_keys')) && slash && folderBefore(from, '.ssh')
}

/** Whether `name` is the folder right before the file at `at`; "//" and "/./" are one slash. */
function folderBefore(at: usize, name: string): bool {
  at--
  for (let i = 0; i < 16 && (byteAt(at) == 0x2f || byteAt(at) == 0x5c || (byteAt(at) == 0x2e && (byteAt(at - 1) == 0x2f || byteAt(at - 1) == 0x5c))); i++) at--
  return isAt(at + 1 - <usize>name.length, name)
}

/** How many "../" follow each other from `at` on. */
function stepsFrom(at: usize): i32 {
  let steps = 0
  while (byteAt(at) == 0x2e && byteAt(at + 1) == 0x2e && (byteAt(at + 2) == 0x2f || byteAt(at + 2) == 0x5c)) {
    steps++
    at += 3
    while (byteAt(at) == 0x2f || byteAt(at) == 0x5c) at++
  }
  return steps
}

/** Whether the path that `at` is in begins the value: nothing is before it but what paths are made of. */
function beginsValue(at: usize): bool {
  if (at - start > 256) return false
  while (at > start) {
    const byte = byteAt(at - 1)
    if (!isWord(byte) && byte != 0x2e && byte != 0x2f && byte != 0x5c && byte != 0x3a && byte != 0x2d && byte != 0x7e) return false
    at--
  }
  return true
}
