/** What the compiler's messages mean to someone who knows TypeScript, and what to write instead. */
const HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /Element '~lib\/@sluice\/plugin-sdk\/.*' not found/,
    "assembly/index.ts must use the SDK: export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'"
  ],
  [
    /Not implemented: Closures/,
    'a function cannot use variables of the function around it: move it to the top level of the file and pass what it needs, or keep it in a global'
  ],
  [
    /Not implemented: (Exceptions|Try|Catch)|\btry\b.*\{/,
    'there is no try/catch: check before you do, and return a value that says what failed'
  ],
  [
    /Not implemented: (Async|Promises|Generators)|\bawait\b/,
    'hooks are synchronous: there is no async, await or generator'
  ],
  [
    /Not implemented: Regular expressions|RegExp/,
    "there are no regular expression literals: use the SDK's Regex.compile(pattern)"
  ],
  [/Cannot find name 'JSON'/, "there is no JSON object: use the SDK's Json.parse(text) and json.toString()"],
  [
    /Cannot find name '(any|unknown|undefined|never)'/,
    'every value has one exact type: there is no any, unknown or undefined'
  ],
  [/Cannot find name '(Buffer|TextEncoder|TextDecoder)'/, "use the SDK's utf8Bytes(text) and utf8Text(bytes)"],
  [/Cannot find name '(atob|btoa)'/, "use the SDK's base64Decode(text) and base64Encode(bytes)"],
  [/Cannot find name '(fetch|process|require)'/, 'a plugin has no I/O: only what the SDK exports'],
  [
    /Cannot find name '(number|const)'.*|Type 'number'/,
    'write i32 for whole numbers and f64 for others ("number" is f64)'
  ],
  [
    /Object is possibly 'null'/,
    'keep the value in a local const and test it against null: the test only counts for locals'
  ],
  [
    /does not provide an export|has no exported member/,
    "the SDK's exports are listed in @sluice/plugin-sdk/assembly/index.ts"
  ]
]

/** The hints that fit a compiler's output, one line each. */
export function hintsFor(output: string): string[] {
  return HINTS.filter(([pattern]) => pattern.test(output)).map(([, hint]) => `hint: ${hint}`)
}

/** What to use instead of a global of the browser that asc turns into an import. */
const INSTEAD: Readonly<Record<string, string>> = {
  'env.abort': 'something replaced the abort handler: build with "sluice plugin build"',
  'env.seed': 'Math.random() is not there: use random() or randomBytes(count) of the SDK',
  'env.Date.now': 'Date.now() is not there: use request.nowMs, or now() of the SDK',
  'env.trace': 'trace() is not there: use log.debug(message) of the SDK'
}

/** Why a module may not import `name`, and what its author wrote to cause it. */
export function importHint(name: string): string {
  if (name.startsWith('env.console.'))
    return 'console is not there: use log.debug, log.info, log.warn or log.error of the SDK'
  if (name.startsWith('env.performance.')) return 'performance is not there: use now() of the SDK'
  return INSTEAD[name] ?? `the host has no function "${name}" (declared with @external or declare function?)`
}
