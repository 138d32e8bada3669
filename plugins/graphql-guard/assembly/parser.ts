import {
  Default,
  Document,
  Fragment,
  Operation,
  OPERATION_TYPES,
  OperationType,
  Selection,
  SelectionKind,
  Size,
  Sized,
  SizeKind
} from './document'
import { beginDocument, end, isWord, next, sign, start, text, Token, token, tokenText } from './lexer'

/** Deeper nesting, of anything, is refused whatever the settings say. */
const MAX_NESTING: i32 = 200

/** In one document: only one of them is run, but each is looked at. */
const MAX_OPERATIONS: i32 = 50

/** What is wrong with the last document, for the client. */
export let syntaxError = ''

let failed = false
/** Names of arguments that say how long a list is. */
let sizeNames: Set<string> = new Set<string>()

/** Reads an executable document (GraphQL, October 2021, section 2). null when it is none: see `syntaxError`. */
export function parseDocument(query: string, listArguments: Set<string>): Document | null {
  failed = false
  syntaxError = ''
  sizeNames = listArguments
  beginDocument(query)
  const document = new Document()
  do definition(document)
  while (!failed && token != Token.END)
  return failed ? null : document
}

function definition(document: Document): void {
  const described = token == Token.STRING // which the edition of 2025 has
  if (described) next()
  if (isWord('fragment')) return fragment(document)
  let type = -1
  if (isSign(0x7b) && !described) type = OperationType.QUERY
  else for (let i = 0; i < OPERATION_TYPES.length; i++) if (isWord(OPERATION_TYPES[i])) type = i
  if (type < 0) return unexpected('a query, mutation, subscription or fragment')
  let name = ''
  if (!isSign(0x7b)) {
    next()
    if (token == Token.NAME) name = takeName()
  }
  const operation = new Operation(<OperationType>type, name)
  if (isSign(0x28)) variables(operation)
  operation.directives += directives(false)
  operation.selections = selections(1)
  for (let i = 0; i < document.operations.length; i++) {
    if (document.operations[i].name == name) return fail('Two operations have the same name, or none.')
  }
  if (document.operations.length == MAX_OPERATIONS) return fail('The document has too many operations.')
  document.operations.push(operation)
}

function fragment(document: Document): void {
  next()
  if (isWord('on')) return unexpected('the name of a fragment')
  const made = new Fragment(takeName())
  takeWord('on')
  takeName()
  made.directives = directives(false)
  made.selections = selections(1)
  if (document.fragments.has(made.name)) return fail('Two fragments have the same name.')
  document.fragments.set(made.name, made)
}

function variables(operation: Operation): void {
  next()
  do {
    takeSign(0x24)
    const name = takeName()
    takeSign(0x3a)
    type(1)
    if (isSign(0x3d)) {
      next()
      operation.setDefault(name, defaultValue())
    }
    operation.directives += directives(true)
  } while (!failed && !isSign(0x29))
  next()
}

/** What a variable is when the request does not give it, as far as it says how long a list is. */
function defaultValue(): Default {
  const found = new Default()
  if (token == Token.INT) found.itself = new Size(SizeKind.KNOWN, parseFloat(tokenText()), '', null)
  else if (!isWord('null')) found.itself = new Size(SizeKind.UNKNOWN, 0, '', null)
  sizedValue(found, 1, false, true)
  return found
}

function type(depth: i32): void {
  if (depth > MAX_NESTING) return tooDeep()
  if (isSign(0x5b)) {
    next()
    type(depth + 1)
    takeSign(0x5d)
  } else takeName()
  if (isSign(0x21)) next()
}

/** Goes past directives; returns how many there are. */
function directives(constant: bool): i32 {
  let count = 0
  while (!failed && isSign(0x40)) {
    next()
    takeName()
    if (isSign(0x28)) plainArguments(constant)
    count++
  }
  return count
}

/** Arguments of a directive: they say nothing about lists. */
function plainArguments(constant: bool): void {
  next()
  do {
    takeName()
    takeSign(0x3a)
    value(1, constant)
  } while (!failed && !isSign(0x29))
  next()
}

/** What stands between braces; null when that failed. */
function selections(depth: i32): Selection | null {
  if (depth > MAX_NESTING) tooDeep()
  if (failed) return null
  takeSign(0x7b)
  let first: Selection | null = null
  let last: Selection | null = null
  do {
    const made: Selection = token == Token.SPREAD ? spread(depth) : field(depth)
    if (last === null) first = made
    else last.next = made
    last = made
  } while (!failed && !isSign(0x7d))
  next()
  return first
}

function spread(depth: i32): Selection {
  next()
  if (token == Token.NAME && !isWord('on')) {
    const made = new Selection(SelectionKind.SPREAD, takeName())
    made.directives = directives(false)
    return made
  }
  if (isWord('on')) {
    next()
    takeName()
  }
  const made = new Selection(SelectionKind.INLINE, '')
  made.directives = directives(false)
  made.below = selections(depth + 1)
  return made
}

function field(depth: i32): Selection {
  let name = takeName()
  const aliased = isSign(0x3a)
  if (aliased) {
    next()
    name = takeName()
  }
  const made = new Selection(SelectionKind.FIELD, name)
  made.aliased = aliased
  if (isSign(0x28)) fieldArguments(made)
  made.directives = directives(false)
  if (isSign(0x7b)) made.below = selections(depth + 1)
  return made
}

function fieldArguments(field: Selection): void {
  next()
  do sizedMember(field, 1, false)
  while (!failed && !isSign(0x29))
  next()
}

/** "name: value" of an argument or of an object in one, looking for what says how long a list is. */
function sizedMember(sized: Sized, depth: i32, constant: bool): void {
  const sizes = sizeNames.has(tokenText())
  takeName()
  takeSign(0x3a)
  if (sizes && token == Token.INT) addSize(sized, SizeKind.KNOWN, parseFloat(tokenText()), '')
  else if (sizes && !isSign(0x24) && !isWord('null')) addSize(sized, SizeKind.UNKNOWN, 0, '')
  sizedValue(sized, depth, sizes, constant)
}

function sizedValue(sized: Sized, depth: i32, sizes: bool, constant: bool): void {
  if (isSign(0x24) && !constant) {
    next()
    const name = takeName()
    addSize(sized, sizes ? SizeKind.VARIABLE : SizeKind.WITHIN, 0, name)
  } else if (isSign(0x7b)) {
    if (depth > MAX_NESTING) return tooDeep()
    next()
    while (!failed && !isSign(0x7d)) sizedMember(sized, depth + 1, constant)
    next()
  } else if (isSign(0x5b)) {
    if (depth > MAX_NESTING) return tooDeep()
    next()
    while (!failed && !isSign(0x5d)) sizedValue(sized, depth + 1, sizes, constant)
    next()
  } else value(depth, constant)
}

function addSize(sized: Sized, kind: SizeKind, value: f64, variable: string): void {
  sized.sizes = new Size(kind, value, variable, sized.sizes)
}

function value(depth: i32, constant: bool): void {
  if (depth > MAX_NESTING) return tooDeep()
  if (token == Token.INT || token == Token.FLOAT || token == Token.STRING || token == Token.NAME) return next()
  if (isSign(0x5b)) {
    next()
    while (!failed && !isSign(0x5d)) value(depth + 1, constant)
    next()
  } else if (isSign(0x7b)) {
    next()
    while (!failed && !isSign(0x7d)) {
      takeName()
      takeSign(0x3a)
      value(depth + 1, constant)
    }
    next()
  } else if (isSign(0x24) && !constant) {
    next()
    takeName()
  } else unexpected('a value')
}

function isSign(unit: i32): bool {
  return token == Token.SIGN && sign == unit
}

function takeSign(unit: i32): void {
  if (isSign(unit)) next()
  else unexpected('"' + String.fromCharCode(unit) + '"')
}

function takeWord(word: string): void {
  if (isWord(word)) next()
  else unexpected('"' + word + '"')
}

function takeName(): string {
  if (token != Token.NAME) {
    unexpected('a name')
    return ''
  }
  const name = tokenText()
  next()
  return name
}

function tooDeep(): void {
  fail('The document is nested more than ' + MAX_NESTING.toString() + ' deep.')
}

function unexpected(wanted: string): void {
  let line = 1
  let column = 1
  for (let i = 0; i < start && !failed; i++) {
    const unit = text.charCodeAt(i)
    column++
    if (unit != 0x0a && (unit != 0x0d || text.charCodeAt(i + 1) == 0x0a)) continue
    line++
    column = 1
  }
  const what =
    token == Token.END ? 'the document ends' : 'there is "' + text.substring(start, min(end, start + 20)) + '"'
  fail(
    'Syntax error at line ' +
      line.toString() +
      ', column ' +
      column.toString() +
      ': ' +
      what +
      ', expected ' +
      wanted +
      '.'
  )
}

/** The first mistake counts; what is read after it is not looked at. */
function fail(message: string): void {
  if (!failed) syntaxError = message
  failed = true
}
