import { hit, Rule } from './rules'
import { back, byteAt, end, isAt, isBlank, isBody, isDigit, isLetter, isWord, oneOf, skip, start, wordEnd } from './text'
import { WordSet } from './word-set'

/** Commands of a shell behind something that ends the command before. */

/** Programs that a sentence rarely names, and words that it does. */
const PROGRAMS = new WordSet(
  'whoami uname wget curl netcat ncat nc bash zsh dash ksh sh csh ifconfig ipconfig netstat nslookup powershell pwsh certutil wmic cmd ' +
  'systeminfo tasklist printenv chmod chown xterm telnet busybox base64 xxd mknod mkfifo python python2 python3 perl ruby php node lua ' +
  'gcc ping traceroute sudo rm mv cp tar dd scp ssh ftp tftp socat awk sed grep crontab useradd passwd mount iptables systemctl apt yum'
)
const WORDS = new WordSet(
  'cat tac ls id env ps echo printf type dir net find head tail sort touch kill sleep set more less cut dig host who w pwd df du top ' +
  'eval exec source export tee nl od rev cd mkdir su at date hostname'
)
/** Those that do nothing else: their name alone is enough. */
const BARE = new WordSet('whoami uname ifconfig ipconfig netstat printenv systeminfo tasklist')
const NETWORK = new WordSet('wget curl nc ncat netcat telnet ping ssh scp ftp tftp nslookup dig host socat')

enum Found {
  NOTHING,
  /** A command without arguments, as lists of words have it. */
  LIST,
  COMMAND
}

/** Looks at every place of the text where a command may begin; `line`: a line end stood before it. */
export function scanShell(line: bool): void {
  if (line && !isBody && commandAt(start) == Found.COMMAND) hit(Rule.CMD_CHAIN)
  for (let at = start; at < end; at++) {
    switch (load<u8>(at)) {
      case 0x3b:
      case 0x7c:
      case 0x26:
      case 0x0a:
        checkSeparator(at)
        break
      case 0x60:
        if (commandAt(at + 1) != Found.NOTHING) hit(at == start && load<u8>(end - 1) == 0x60 ? Rule.CMD_SUBSTITUTION : Rule.CMD_BACKTICK)
        break
      case 0x24:
        checkDollar(at)
        break
      case 0x7b:
        checkBrace(at)
        break
      case 0x3c:
      case 0x3e:
        if (byteAt(at + 1) == 0x28 && commandAt(at + 2) == Found.COMMAND) hit(Rule.CMD_SUBSTITUTION)
    }
  }
}

/** The name of a shell from `from` to `to`: /bin/sh, cmd.exe, powershell -enc. */
export function checkShellName(from: usize, to: usize): void {
  if (isAt(from, 'tcp') || isAt(from, 'udp')) {
    if (isAt(from - 5, '/dev/') && byteAt(to) == 0x2f) hit(Rule.CMD_SHELL)
    return
  }
  if (isAt(from, 'ifs')) {
    if (byteAt(from - 1) == 0x24 || (byteAt(from - 1) == 0x7b && byteAt(from - 2) == 0x24)) hit(Rule.CMD_SHELL)
    return
  }
  if (isAt(from, 'cmd')) {
    const option = skip(isAt(to, '.exe') ? to + 4 : to)
    if (byteAt(option) == 0x2f && (byteAt(option + 1) == 0x63 || byteAt(option + 1) == 0x6b) && !isLetter(byteAt(option + 2))) hit(Rule.CMD_SHELL)
    else if (isAt(to, '.exe')) hit(Rule.CMD_MENTION)
    return
  }
  if (isAt(from, 'powershell') || isAt(from, 'pwsh')) {
    const option = skip(isAt(to, '.exe') ? to + 4 : to)
    if (byteAt(option) == 0x2d && oneOf(option + 1, 'e ec en enc encodedcommand nop noprofile w windowstyle noni c command') != 0) hit(Rule.CMD_SHELL)
    return
  }
  if (!isAt(from - 4, 'bin/')) return
  const root = isAt(from - 9, '/usr/bin/') ? from - 9 : from - 5
  if (byteAt(root) != 0x2f || byteAt(root - 1) == 0x21) return // #!/bin/sh begins a script
  hit(root <= start || isSeparator(byteAt(back(root))) ? Rule.CMD_SHELL : Rule.CMD_MENTION)
}

function checkSeparator(at: usize): void {
  let next = at + 1
  while (byteAt(next) == 0x7c || byteAt(next) == 0x26 || byteAt(next) == 0x3b) next++
  const found = commandAt(next)
  // People write scripts, a command a line.
  const line = byteAt(at) == 0x0a
  if (found == Found.COMMAND) hit(line && isBody ? Rule.CMD_LIST : Rule.CMD_CHAIN)
  else if (found == Found.LIST && !line) hit(at == start && !isBlank(byteAt(next)) ? Rule.CMD_CHAIN : Rule.CMD_LIST)
  else if (!line && isPattern(skip(next))) hit(Rule.CMD_CHAIN)
}

/** {cat,/etc/passwd} */
function checkBrace(at: usize): void {
  const stop = PROGRAMS.endAt(at + 1) | WORDS.endAt(at + 1)
  if (stop != 0 && byteAt(stop) == 0x2c && (byteAt(stop + 1) == 0x2f || byteAt(stop + 1) == 0x2d)) hit(Rule.CMD_CHAIN)
}

/** /???/c?t */
function isPattern(at: usize): bool {
  if (byteAt(at) != 0x2f) return false
  let marks = 0
  for (; at < end && !isBlank(load<u8>(at)); at++) if (load<u8>(at) == 0x3f || load<u8>(at) == 0x2a) marks++
  return marks > 1
}

/** $(id), ${…} is no command. jQuery's $(id).hide() is none either. */
function checkDollar(at: usize): void {
  if (byteAt(at + 1) != 0x28) return
  const name = skip(at + 2)
  const found = commandAt(name)
  if (found == Found.NOTHING && (WORDS.endAt(name) | PROGRAMS.endAt(name)) == 0) return
  const close = byteAt(skip(wordEnd(name)))
  if (found == Found.COMMAND || close == 0x29 || isBlank(byteAt(wordEnd(name)))) {
    if (byteAt(skip(wordEnd(name)) + 1) != 0x2e) hit(Rule.CMD_SUBSTITUTION)
  }
}

/** Whether a command stands at `at`. */
function commandAt(at: usize): Found {
  at = skip(at)
  while (byteAt(at) == 0x28 || byteAt(at) == 0x7b) at = skip(at + 1)
  let path = at
  while (isLetter(byteAt(path)) || byteAt(path) == 0x2f || byteAt(path) == 0x2e) path++
  let name = path
  while (name > at && byteAt(name - 1) != 0x2f) name--
  if (name > at && byteAt(at) != 0x2f) return Found.NOTHING
  let stop = PROGRAMS.endAt(name)
  const isProgram = stop != 0
  if (!isProgram) stop = WORDS.endAt(name)
  if (stop == 0) return Found.NOTHING
  if (isAt(stop, '.exe')) stop += 4
  if (name > at && name - at >= 5) return Found.COMMAND // /bin/cat
  const next = byteAt(stop)
  if (stop >= end || next == 0x3b || next == 0x7c || next == 0x26 || next == 0x29 || next == 0x60 || next == 0x0a || next == 0x23) {
    return BARE.endAt(name) != 0 ? Found.COMMAND : Found.LIST
  }
  if (next == 0x3c || next == 0x3e || next == 0x24) return Found.COMMAND // cat</etc/passwd, cat$IFS
  if (next == 0x2c) return Found.NOTHING
  if (!isBlank(next)) return Found.NOTHING
  const argument = skip(stop)
  if (isArgument(argument, name)) return Found.COMMAND
  return isSeparator(byteAt(argument)) || argument >= end ? (BARE.endAt(name) != 0 ? Found.COMMAND : Found.LIST) : Found.NOTHING
}

/** Whether what stands at `at` is an option, a path, a URL or the like: no word of a sentence. */
function isArgument(at: usize, name: usize): bool {
  const byte = byteAt(at)
  const next = byteAt(at + 1)
  if (byte == 0x2d) return isLetter(next) || (next == 0x2d && isLetter(byteAt(at + 2)))
  if (byte == 0x2f || byte == 0x7e) return isLetter(next) || next == 0x2f || at + 1 >= end || next == 0x2e
  if (byte == 0x2e) return next == 0x2f || next == 0x2e
  if (byte == 0x24) return isWord(next) || next == 0x7b || next == 0x28
  if (byte == 0x3c || byte == 0x3e) return isWord(next) || next == 0x2f || next == 0x26 || next == 0x28
  if (isLetter(byte) && next == 0x3a && !isWord(byteAt(at + 2))) return true // c:\
  if (byte == 0x2a) return at + 1 >= end || next == 0x2e
  const network = NETWORK.endAt(name) != 0
  if (isDigit(byte) && oneOf(name, 'sleep kill') != 0) {
    while (isDigit(byteAt(at))) at++
    at = skip(at)
    return at >= end || isSeparator(byteAt(at))
  }
  // A file name, or a host.
  let dots = 0
  let letters = 0
  for (; at < end && !isBlank(byteAt(at)) && !isSeparator(byteAt(at)); at++) {
    if (byteAt(at) == 0x2f && byteAt(at + 1) == 0x2f) return true
    if (byteAt(at) == 0x2e && isWord(byteAt(at + 1))) dots++
    if (byteAt(at) == 0x2f && network) return true
    if (isLetter(byteAt(at))) letters++
  }
  return dots > 0 && (network || letters > 0) && byte != 0x27
}

function isSeparator(byte: u32): bool {
  return byte == 0x3b || byte == 0x7c || byte == 0x26 || byte == 0x60 || byte == 0x29 || byte == 0x3d || byte == 0x0a || byte == 0x23
}
