import type { PhaseHook } from '../../base/hooks.js'
import type { Permissions } from '../../base/manifest.js'
import type { AiVerdict } from '../../plugin-host/abi.js'
import { allows, grants, type HeaderGrant } from '../../plugin-host/permissions.js'
import { unusedEffects } from './effect-findings.js'
import type { Staged } from './stage.js'
import type { Seen } from './witness.js'

/** The host functions that need the permission "counters". */
const COUNTING = ['sluice.bucket_take', 'sluice.counter_add', 'sluice.counter_get']
/** Those that need "kv". */
const KEEPING = ['sluice.kv_get', 'sluice.kv_set', 'sluice.kv_delete', 'sluice.kv_compare_set']

/** What a plugin asks for and does not use, and what it uses and does not ask for. */
export function permissionFindings(staged: Staged, imports: readonly string[]) {
  const { manifest } = staged.files
  const asked = manifest.permissions ?? {}
  const seen = staged.performances.flatMap(({ witness }) => witness.seen)
  const verdicts = seen.flatMap(({ verdict, hook }) => (verdict === undefined ? [] : { verdict, hook }))
  const counts = imports.some(name => COUNTING.includes(name))
  const keeps = imports.some(name => KEEPING.includes(name))
  const errors = [
    ...(counts && asked.counters !== true ? ['it counts and does not ask for the permission counters'] : []),
    ...(keeps && asked.kv !== true ? ['it keeps values under keys and does not ask for the permission kv'] : []),
    ...blindHooks(asked, manifest.hooks)
  ]
  const unused = unusedByHooks(asked, manifest.hooks)
  if (asked.counters === true && !counts) unused.push('counters: it imports none of their functions')
  if (asked.kv === true && !keeps) unused.push('kv: it imports none of its functions')
  if (seen.length > 0) {
    const never = (permission: string, used: boolean) => {
      if (!used) unused.push(`${permission}: no case shows its use`)
    }
    if (asked.log === true)
      never(
        'log',
        seen.some(each => each.logLines > 0)
      )
    if (asked.consumer === true)
      never(
        'consumer',
        verdicts.some(({ verdict }) => verdict.consumer !== null)
      )
    if (isAsked(asked.route))
      never(
        'route',
        verdicts.some(({ verdict }) => verdict.upstream !== null)
      )
    if (asked.rewrite === true) {
      const rewrites = verdicts.some(
        ({ verdict }) => (verdict.method ?? verdict.path ?? verdict.query ?? verdict.status) !== null
      )
      never('rewrite', rewrites)
    }
    for (const [what, changes] of AI_CHANGES) {
      if (asked[what] !== 'write') continue
      never(
        `${what} "write"`,
        seen.some(({ ai }) => ai !== undefined && changes(ai))
      )
    }
    for (const [body, hook] of BODIES) {
      if (asked[body] === 'write' && manifest.hooks.includes(hook)) {
        never(
          `${body} "write"`,
          verdicts.some(each => each.hook === hook && each.verdict.body !== null)
        )
      }
    }
    for (const side of ['requestHeaders', 'responseHeaders'] as const) unused.push(...unusedHeaders(staged, side))
    unused.push(...unusedEffects(staged))
  }
  return { errors, warnings: unused.map(each => `asks for a permission it does not use: ${each}`) }
}

const BODIES = [
  ['requestBody', 'on_request_body'],
  ['responseBody', 'on_response_body']
] as const satisfies readonly (readonly [keyof Permissions, PhaseHook])[]

const AI_CHANGES = [
  [
    'prompt',
    (ai: AiVerdict) =>
      (ai.model ?? ai.parameters) !== null || ai.messages.length + ai.addTools.length + ai.removeTools.length > 0
  ],
  [
    'answer',
    (ai: AiVerdict) => (ai.text ?? ai.hold ?? ai.arguments) !== null || ai.drop || ai.stop || ai.messages.length > 0
  ]
] as const

const AI_HOOKS_OF = [
  ['prompt', ['on_prompt']],
  ['answer', ['on_delta', 'on_tool_call', 'on_completion']]
] as const

/** A hook for a body that it may not see: the configuration would be refused. */
function blindHooks(asked: Permissions, hooks: readonly string[]): string[] {
  const blind = (permission: keyof Permissions, hook: string): string[] =>
    hooks.includes(hook) && (asked[permission] ?? 'none') === 'none'
      ? [`it has the hook ${hook} and does not ask for the permission ${permission}`]
      : []
  return [
    ...BODIES.flatMap(([body, hook]) => blind(body, hook)),
    ...AI_HOOKS_OF.flatMap(([what, own]) => own.flatMap(hook => blind(what, hook)))
  ]
}

/** Permissions that only hooks can use which it does not have. */
function unusedByHooks(asked: Permissions, hooks: readonly string[]): string[] {
  const unused = BODIES.flatMap(([body, hook]) =>
    (asked[body] ?? 'none') !== 'none' && !hooks.includes(hook) ? [`${body}: it has no hook ${hook}`] : []
  )
  for (const [what, own] of AI_HOOKS_OF) {
    if ((asked[what] ?? 'none') !== 'none' && !own.some(hook => hooks.includes(hook)))
      unused.push(`${what}: it has no hook of ${own.join(', ')}`)
  }
  const onRequest = hooks.some(hook => hook.startsWith('on_request') || hook === 'on_prompt')
  if (asked.consumer === true && !onRequest) unused.push('consumer: it has no hook for requests')
  if (isAsked(asked.route) && !onRequest) unused.push('route: it has no hook for requests')
  return unused
}

function isAsked(entry: Permissions['route']): boolean {
  return entry === true || (Array.isArray(entry) && entry.length > 0)
}

/**
 * Header names that no case makes use of: to read, none shows a header of that name; to write, no verdict edits one.
 * What a name from the settings stands for is another in each case.
 */
function unusedHeaders({ files, performances }: Staged, side: 'requestHeaders' | 'responseHeaders'): string[] {
  const asked = files.manifest.permissions?.[side]
  const unusedOf = (access: keyof HeaderGrant, names: (seen: Seen) => readonly string[]): string[] =>
    (asked?.[access] ?? []).flatMap(entry => {
      const used = performances.some(({ binding, witness }) => {
        const only = grants({ [side]: { [access]: [entry] } }, 'asked', JSON.parse(binding?.settings ?? '{}'))
        return witness.seen.some(seen => names(seen).some(name => allows(only[side][access], name)))
      })
      return used ? [] : [`${side}.${access} "${entry}": no case ${access === 'read' ? 'has' : 'writes'} such a header`]
    })
  return [...unusedOf('read', seen => seen[side]), ...unusedOf('write', seen => edited(seen, side))]
}

/** Names of the headers that a verdict edits. */
function edited({ verdict, hook }: Seen, side: 'requestHeaders' | 'responseHeaders'): string[] {
  if (verdict === undefined) return []
  const onRequest = hook === 'on_request' || hook === 'on_request_body'
  const own = onRequest === (side === 'requestHeaders') ? verdict.headers : []
  const later = side === 'responseHeaders' ? verdict.responseHeaders : []
  return [...own, ...later].map(edit => edit.name)
}
