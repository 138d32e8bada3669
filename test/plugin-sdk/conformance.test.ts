import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import t from 'tap'
import { HOST_FUNCTIONS } from '../../core/plugin-host/imports.js'
import { buildGuest } from '../../plugin-sdk/conformance/build.js'
import { type Case, readCases } from '../../plugin-sdk/conformance/case.js'
import { CASES, conformance, type Result } from '../../plugin-sdk/conformance/kit.js'
import { ALL_HOOKS, answerType, inputType } from '../../plugin-sdk/conformance/messages.js'
import { wat } from '../support/wat.js'
import { ROOT } from './guest.js'

const cases: readonly Case[] = [...readCases(CASES).values()].flat()
const file = await buildGuest()
const results = await conformance(file)

t.test('the SDK in AssemblyScript passes every case', async t => {
  t.ok(results.length > 80, `${results.length} cases are played`)
  for (const { title, problems } of results) t.strictSame(problems, [], title)
})

t.test('the cases call every hook and have every field of what goes in and out', async t => {
  const steps = cases.flatMap(each => each.steps)
  t.strictSame([...new Set(steps.map(({ hook }) => hook))].sort(), [...ALL_HOOKS].sort())
  const given = new Set<string>()
  for (const { hook, input, expect } of steps) {
    for (const part of [input].flat()) if (typeof part === 'object') note(given, inputType(hook), part)
    note(given, answerType(hook), expect.answer ?? {})
  }
  const types = ALL_HOOKS.flatMap(hook => [...typesIn(inputType(hook)), ...typesIn(answerType(hook))])
  const fields = types.flatMap(type => type.fieldsArray.map(field => `${type.name}.${field.name}`))
  t.strictSame(
    [...new Set(fields)].filter(name => !given.has(name)),
    []
  )
})

/** Host functions with a case. One that is new is only said, so that it can come before its case. */
const CALLED = [
  'log',
  'now',
  'random',
  'monotonic',
  'sha256',
  'hmac',
  'key_import',
  'verify',
  'bucket_take',
  'counter_add',
  'counter_get',
  'regex_compile',
  'regex_find_all'
]

t.test('the cases call the functions of the host', async t => {
  const called = new Set(
    cases
      .flatMap(each => each.steps)
      .flatMap(({ expect }) => expect.calls ?? [])
      .map(([name]) => name)
  )
  const scripted = JSON.stringify(cases.map(({ settings }) => settings))
  const without = (name: string) => !called.has(name) && !scripted.includes(`"calls":[["${name}"`)
  t.strictSame(CALLED.filter(without), [])
  const others = Object.keys(HOST_FUNCTIONS.sluice).filter(name => without(name))
  t.comment(`host functions without a conformance case: ${others.join(', ') || 'none'}`)
})

/** A module in the direct convention with these hooks, each of them with the same body. */
function guest(t: { testdir(): string }, hooks: readonly string[], body: string): string {
  const functions = hooks.map(hook => `(func (export "${hook}") (param i32 i32) (result i32) ${body})`)
  const path = join(t.testdir(), 'guest.wasm')
  const text = `(module (memory (export "memory") 40) (data (i32.const 16) "\\03\\00\\00\\00\\0a\\01x")
    (func (export "sluice_abi") (result i32) (i32.const 1))
    (func (export "sluice_alloc") (param i32) (result i32) (i32.const 64))
    ${functions.join('\n')})`
  writeFileSync(path, wat(text))
  return path
}

const failed = (all: readonly Result[]) =>
  all.filter(({ problems }) => (problems?.length ?? 0) > 0).map(each => each.title)

t.test('a guest that does nothing fails nearly every case', async t => {
  const all = await conformance(guest(t, ALL_HOOKS, '(i32.const 0)'))
  const passed = all.filter(({ problems }) => problems?.length === 0).map(({ title }) => title)
  t.strictSame(passed, ['it is a module the host takes, and says ABI 1', 'verdict: an empty verdict'])
  t.match(all.find(({ title }) => title === 'verdict: a trap is a trap')?.problems, [
    /step 1, on_request: it answered; expected a trap/
  ])
})

t.test('a guest that answers something else is told what was expected', async t => {
  const all = await conformance(guest(t, ALL_HOOKS, '(i32.const 16)'))
  t.match(all.find(({ title }) => title === 'verdict: a reply without a body')?.problems, [
    /it answered \{"error":"x"\}/
  ])
})

t.test('cases of hooks that a guest does not have are passed over', async t => {
  const all = await conformance(guest(t, ['on_configure', 'on_request'], '(i32.const 0)'))
  const skipped = all.filter(({ problems }) => problems === undefined).map(({ title }) => title)
  t.ok(skipped.includes('ai: an empty prompt is one'))
  t.notOk(failed(all).some(title => title.startsWith('ai:')))
})

t.test('a case with a mistake in it says which', async t => {
  const folder = join(t.testdir(), 'cases')
  mkdirSync(folder)
  const write = (value: unknown) => writeFileSync(join(folder, 'wrong.json'), JSON.stringify(value))
  const step = { hook: 'on_request', input: {}, expect: {} }
  write([{ title: 'a', steps: [{ ...step, expected: {} }] }])
  await t.rejects(conformance(file, folder), { message: /wrong\.json: \/0\/steps\/0/ })
  write([{ title: 'a', steps: [{ ...step, input: { request: { pth: '/' } } }] }])
  t.match((await conformance(file, folder)).at(-1)?.problems, [
    /RequestInput\.request has no field "pth"; it has method, /
  ])
  write([{ title: 'a', steps: [{ ...step, hook: 'on_nothing' }] }])
  t.equal((await conformance(file, folder)).at(-1)?.problems, undefined, 'no guest has it')
})

t.test('what is no plugin is refused as the host refuses it', async t => {
  const path = join(t.testdir(), 'guest.wasm')
  writeFileSync(path, wat('(module)'))
  await t.rejects(conformance(path), { code: 'GW_PLUGIN_INVALID' })
})

t.test('the guest of the kit lists the hooks of the contract', async t => {
  const { default: manifest } = await import(join(ROOT, 'plugin-sdk/conformance/guest/plugin.json'), {
    with: { type: 'json' }
  })
  t.strictSame(manifest.hooks, ALL_HOOKS)
})

type MessageType = ReturnType<typeof inputType>

/** A message and those in it. */
function typesIn(type: MessageType): MessageType[] {
  return [type, ...type.fieldsArray.flatMap(field => messageOf(field) ?? []).flatMap(typesIn)]
}

function messageOf(field: MessageType['fieldsArray'][number] | undefined): MessageType | undefined {
  const nested = field?.resolve().resolvedType
  return nested instanceof protobuf.Type ? nested : undefined
}

/** Adds the fields that `value` has to `given`. */
function note(given: Set<string>, type: MessageType, value: object): void {
  for (const [name, each] of Object.entries(value)) {
    given.add(`${type.name}.${name}`)
    const nested = messageOf(type.fields[name])
    if (nested !== undefined) for (const item of [each].flat()) note(given, nested, item)
  }
}
