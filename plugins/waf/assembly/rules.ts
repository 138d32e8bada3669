/** The rules: what each is called, from which paranoia level it counts, and how much. */

export enum Rule {
  SQL_UNION,
  SQL_TAUTOLOGY,
  SQL_COMMENT,
  SQL_STACKED,
  SQL_CALL,
  SQL_HIDDEN,
  SQL_NAME,
  SQL_BATCH,
  SQL_STATEMENT,
  SQL_ORDER,
  SQL_FUNCTION,
  SQL_QUOTE,
  NOSQL_OPERATOR,
  LDAP_FILTER,
  XSS_TAG,
  XSS_HANDLER,
  XSS_URL,
  XSS_BREAK,
  XSS_CODE,
  XSS_HTML,
  XSS_CALL,
  PATH_TRAVERSAL,
  PATH_FILE,
  PATH_RELATIVE,
  PATH_MENTION,
  CMD_CHAIN,
  CMD_SUBSTITUTION,
  CMD_SHELL,
  CMD_MENTION,
  CMD_LIST,
  CMD_BACKTICK,
  CODE_JNDI,
  CODE_JAVA,
  CODE_PHP,
  CODE_PYTHON,
  CODE_OBJECT,
  CODE_XXE,
  CODE_SHELLSHOCK,
  CODE_PROTOTYPE,
  CODE_TEMPLATE,
  SSRF_METADATA,
  SSRF_SCHEME,
  SSRF_LOCAL,
  PROTO_METHOD,
  PROTO_NULL,
  PROTO_CRLF,
  PROTO_OVERLONG,
  PROTO_CHARSET,
  PROTO_LIMIT,
  PROTO_SIZE,
  PROTO_UPLOAD,
  PROTO_RANGE,
  PROTO_PERCENT,
  PROTO_CONTROL,
  PROTO_TYPE,
  PROTO_JSON,
  PROTO_AGENT,
  PROTO_ENCODED,
  PROTO_SIGNS,
  SCAN_TOOL
}

/** id, paranoia level, score; in the order of `Rule`. */
const TABLE =
  'sql-union 1 5,sql-tautology 1 5,sql-comment 1 5,sql-stacked 1 5,sql-call 1 5,sql-hidden 1 5,sql-name 1 3,sql-batch 2 5,' +
  'sql-statement 2 3,sql-order 2 3,sql-function 2 3,sql-quote 3 3,nosql-operator 1 5,ldap-filter 1 5,' +
  'xss-tag 1 5,xss-handler 1 5,xss-url 1 5,xss-break 1 5,xss-code 1 3,xss-html 2 4,xss-call 2 3,' +
  'path-traversal 1 5,path-file 1 5,path-relative 1 3,path-mention 1 3,' +
  'cmd-chain 1 5,cmd-substitution 1 5,cmd-shell 1 5,cmd-mention 1 3,cmd-list 2 5,cmd-backtick 2 5,' +
  'code-jndi 1 5,code-java 1 5,code-php 1 5,code-python 1 5,code-object 1 5,code-xxe 1 5,code-shellshock 1 5,code-prototype 1 5,' +
  'code-template 2 5,ssrf-metadata 1 5,ssrf-scheme 1 5,ssrf-local 2 4,' +
  'proto-method 1 5,proto-null 1 5,proto-crlf 1 5,proto-overlong 1 5,proto-charset 1 5,proto-limit 1 5,proto-size 1 5,' +
  'proto-upload 1 5,proto-range 1 3,proto-percent 2 3,proto-control 2 3,proto-type 2 3,proto-json 2 3,proto-agent 2 2,' +
  'proto-encoded 3 3,proto-signs 3 3,scan-tool 1 5'

const ids: string[] = []
const levels: i32[] = []
const scores: i32[] = []
readTable()

/** The rules that count, by their numbers. */
let enabled: u64 = 0
/** The rules that do not count at the place at hand. */
let excluded: u64 = 0
/** The rules that were broken by the request. */
export let broken: u64 = 0
/** Where the first one was. */
export let firstPlace: string = ''
let place: string = ''
let name: string = ''

/** Takes the settings in. Returns "" or what is wrong with them. */
export function prepareRules(paranoia: i32, disable: string[]): string {
  enabled = 0
  for (let i = 0; i < ids.length; i++) if (levels[i] <= paranoia) enabled |= <u64>1 << i
  for (let i = 0; i < disable.length; i++) {
    const mask = maskOf(disable[i])
    if (mask == 0) return 'disable[' + i.toString() + '] is no rule: ' + disable[i]
    enabled &= ~mask
  }
  return ''
}

/** The rules of an id, or of an id that ends in "*"; 0 when there are none. */
export function maskOf(id: string): u64 {
  let mask: u64 = 0
  const family = id.endsWith('*') ? id.substring(0, id.length - 1) : ''
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] == id || (family != '' && ids[i].startsWith(family))) mask |= <u64>1 << i
  }
  return mask
}

/** Begins a request, or the second half of one: `known` are the rules it broke before. */
export function beginRules(known: u64): void {
  broken = known
  firstPlace = ''
}

/** Says where what follows is found, and what does not count there. */
export function enter(kind: string, itsName: string, exclusions: u64): void {
  place = kind
  name = itsName
  excluded = exclusions
}

export function isOn(rule: Rule): bool {
  return (enabled & ~excluded & (<u64>1 << rule)) != 0
}

/** Takes note that the request breaks a rule; each counts once. */
export function hit(rule: Rule): void {
  const bit = <u64>1 << rule
  if ((enabled & ~excluded & ~broken & bit) == 0) return
  if (broken == 0) firstPlace = name == '' ? place : place + ' ' + name
  broken |= bit
}

export function score(): i32 {
  let sum = 0
  for (let i = 0; i < ids.length; i++) if (broken & (<u64>1 << i)) sum += scores[i]
  return sum
}

/** "sql-union,xss-tag" */
export function brokenIds(): string {
  let text = ''
  for (let i = 0; i < ids.length; i++) if (broken & (<u64>1 << i)) text += (text == '' ? '' : ',') + ids[i]
  return text
}

function readTable(): void {
  const rows = TABLE.split(',')
  for (let i = 0; i < rows.length; i++) {
    const parts = rows[i].split(' ')
    ids.push(parts[0])
    levels.push(<i32>parseInt(parts[1]))
    scores.push(<i32>parseInt(parts[2]))
  }
}
