/** What the compiler's messages mean to someone who knows TypeScript, and what to write instead. */
const HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /Element '~lib\/@sluice\/plugin-sdk\/.*' not found/,
    "assembly/index.ts must use the SDK: export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'"
  ],
  [
    /Not implemented: Closures/,
    'closures do not exist in AssemblyScript: make it a top-level function and pass what it needs, or keep that in a global'
  ],
  [
    /Not implemented: (Exceptions|Try|Catch)|\btry\b.*\{/,
    'there is no try/catch: check before you do, and return a value that says what failed'
  ],
  [
    /Not implemented: (Async|Promises|Generators)|\bawait\b|\basync\b|'Promise'|\bfunction ?\*/,
    'hooks are synchronous: there is no async, await, Promise or generator; what the host offers answers at once'
  ],
  [
    /Not implemented: Regular expressions|RegExp/,
    "there are no regular expression literals: use the SDK's Regex.compile(pattern)"
  ],
  [
    /Not implemented: union types/,
    'there are no unions but "T | null" of a class: use one type, a class with the fields you need, or an enum'
  ],
  [
    /Type '(i8|u8|i16|u16|i32|u32|i64|u64|f32|f64|bool)' cannot be nullable/,
    'a number or bool is never null: use a value that cannot occur, such as -1, or a class'
  ],
  [
    /Type '<object>'|Interface hidden classes|Cannot find name 'Record'/,
    'there are no object literals of any shape: declare a class and use new, or a Map'
  ],
  [/Not implemented: Iterators/, 'there is no for…of: count, as in for (let i = 0; i < list.length; i++)'],
  [/\bfor ?\((const|let|var) \w+ in\b/, 'there is no for…in: a class has no list of its fields; a Map has keys()'],
  [/Property 'keys' does not exist on type '~lib\/object/, 'a class has no list of its fields; a Map has keys()'],
  [
    /Property 'forEach' does not exist on type '~lib\/(map|set)|\.entries\(\)/,
    'keys() and values() of a Map or Set are arrays: count through them, as in for (let i = 0; i < keys.length; i++)'
  ],
  [
    /new (Map|Set)(<[^>]*>)?\(\[/,
    'a Map or Set is made empty, with its types: new Set<string>(), and filled by add() or set()'
  ],
  [/Not implemented: Spread operator|\{ ?\.\.\./, 'there is no spread: use concat() or slice(), or push in a loop'],
  [/(const|let) [[{]|function \w*\([[{]/, 'there is no destructuring: take each value by its own name'],
  [/\?\.|\?\?/, 'there is no ?. and no ??: test the value against null in an if or with ? :'],
  [
    /Cannot find name '(setTimeout|setInterval|setImmediate|queueMicrotask)'/,
    'a hook runs to its end at once: there are no timers'
  ],
  [
    /Property '(match|matchAll|search)' does not exist on type '~lib\/string\/String'/,
    "text has no regular expressions: use the SDK's Regex.compile(pattern)"
  ],
  [
    /Expected 1 arguments, but got 0[\s\S]*new Date\(\)/,
    'the clock is request.nowMs, or now() of the SDK: new Date(now())'
  ],
  [
    /Type '\(this: |types '\(this: |on type '~lib\/function\/Function<%28this:|Expression cannot be represented by a type/,
    'it is a method: call it, as in request.bodyText()'
  ],
  [
    /lacks a call signature(?![\s\S]*\.entries\(\))/,
    'what is called there is a property, not a method: leave out the (), as in request.path and tick.stateText'
  ],
  [/requires an explicit cast/, 'another type of number needs a cast: <i32>value or i32(value)'],
  [/Optional parameter must have an initializer/, 'an optional parameter needs a default: count: i32 = 0'],
  [/Type expected/, 'every parameter and every function says its type: function f(name: string): void'],
  [/Type '~lib\/string\/String' is not assignable to type 'i32'[\s\S]*enum /, 'the members of an enum are numbers'],
  [/Property 'toFixed' does not exist/, 'there is no toFixed: round by Math.round(value * 100.0) / 100.0'],
  [/Not implemented: Const assertion/, 'there is no "as const": a const is one'],
  [
    /Type '(i8|u8|i16|u16|i32|u32|i64|u64|f32|f64|bool)' is not assignable to type '~lib\/string\/String'/,
    'a number does not become text by itself: write value.toString() or a template literal'
  ],
  [
    /File '~lib\/(?!@sluice)[^']*' not found/,
    'packages of npm are for JavaScript: a plugin can use the SDK and packages written in AssemblyScript'
  ],
  [/Cannot find name 'JSON'/, "there is no JSON object: use the SDK's Json.parse(text) and json.toString()"],
  [
    /Cannot find name '(any|unknown|undefined|never)'/,
    'every value has one exact type: there is no any, unknown or undefined'
  ],
  [/Cannot find name '(Buffer|TextEncoder|TextDecoder)'/, "use the SDK's utf8Bytes(text) and utf8Text(bytes)"],
  [
    /Cannot find name '(URL|URLSearchParams)'/,
    'a request has its parts: path, query, queryParam(name); withParameter() and its kin change a query'
  ],
  [/Cannot find name '(atob|btoa)'/, "use the SDK's base64Decode(text) and base64Encode(bytes)"],
  [/Cannot find name '(fetch|process|require)'/, 'a plugin has no I/O: only what the SDK exports'],
  [
    /Cannot find name '(number|const)'.*|Type 'number'/,
    'write i32 for whole numbers and f64 for others ("number" is f64)'
  ],
  [
    /Object is possibly 'null'|Type '(\S+) \| null' is not assignable to type '\1'/,
    'keep the value in a local const and test it against null: the test only counts for locals'
  ],
  [
    /does not provide an export|has no exported member/,
    "the SDK's exports are listed in @sluice/plugin-sdk/assembly/index.ts"
  ]
]

/**
 * The hints that fit a compiler's output, one line each.
 * @param sdkNames - what the SDK exports: a name that is not found may only be missing from the import
 */
export function hintsFor(output: string, sdkNames: readonly string[] = []): string[] {
  const hints = HINTS.filter(([pattern]) => pattern.test(output)).map(([, hint]) => hint)
  const unknown = new Set([...output.matchAll(/Cannot find name '(\w+)'/g)].map(([, name]) => name ?? ''))
  const missing = [...unknown].filter(name => sdkNames.includes(name))
  if (missing.length > 0) hints.push(`import { ${missing.join(', ')} } from '@sluice/plugin-sdk/assembly'`)
  return hints.map(hint => `hint: ${hint}`)
}

/** The names that the SDK's index.ts exports. */
export function exportedNames(index: string): string[] {
  return [...index.matchAll(/^export \{([^}]+)\} from/gm)].flatMap(([, list = '']) =>
    list.split(',').flatMap(name => name.trim() || [])
  )
}

interface Global {
  /** How it stands in the source. */
  readonly written: RegExp
  readonly instead: string
}

/** What to use instead of a global of the browser that asc turns into an import. */
const GLOBALS: Readonly<Record<string, Global>> = {
  'env.abort': {
    written: /\babort\b/,
    instead: 'something replaced the abort handler: build with "sluice plugin build"'
  },
  'env.seed': {
    written: /\bMath\.(random|seedRandom)\b/,
    instead: 'use random() or randomBytes(count) from the SDK, not Math.random()'
  },
  'env.Date.now': {
    written: /\bDate\.now\b/,
    instead: 'use now() from the SDK (or request.nowMs), not Date.now()'
  },
  'env.trace': { written: /\btrace\(/, instead: 'use log.debug(message) from the SDK, not trace()' },
  'env.console': {
    written: /\bconsole\./,
    instead: 'use log.debug, log.info, log.warn or log.error from the SDK, not console'
  },
  'env.performance': { written: /\bperformance\./, instead: 'use monotonic() from the SDK, not performance.now()' }
}

/**
 * Why a module may not import `name`, and what its author wrote to cause it.
 * @param placeOf - where a pattern stands in the sources
 */
export function importHint(name: string, placeOf: (pattern: RegExp) => string): string {
  const family = name.split('.').slice(0, 2).join('.')
  const known = GLOBALS[name] ?? GLOBALS[family]
  if (known === undefined) return `the host has no function "${name}" (declared with @external or declare function?)`
  const place = placeOf(known.written)
  return place === '' ? known.instead : `${place}: ${known.instead}`
}
