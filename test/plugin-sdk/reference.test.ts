import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exportsOf } from '../../plugin-sdk/generator/exports.js'
import { referencePage } from '../../plugin-sdk/generator/reference.js'
import { ROOT } from './guest.js'

/** That the page is current is for test/generated.test.ts. */

const all = exportsOf(module => readFileSync(join(ROOT, `plugin-sdk/assembly/${module}.ts`), 'utf8'))

t.test('everything the SDK exports has a doc comment and a place in the reference', async t => {
  t.ok(all.length > 80, 'the exports are found')
  const page = readFileSync(join(ROOT, 'plugin-sdk/REFERENCE.md'), 'utf8')
  for (const { name, module, doc } of all) {
    t.ok(doc.length > 10, `${name} of ${module}.ts has a doc comment`)
    t.ok(page.includes(`\n### \`${name}\`\n`), `${name} is in the reference`)
  }
})

const SOURCES: Readonly<Record<string, string>> = {
  index: "export { Box, Colour, greet, LIMIT, tools } from './things'\nexport { other } from './later'",
  things: `
    /** A box.
     * @param T - what is in it */
    // @ts-ignore: decorator
    @final
    export class Box extends Secret {
      /** Its size, < 10. */
      size: i32 = 1
      private hidden: i32 = 2
      constructor(readonly name: string, private readonly x: i32 = 3) { super() }
      /** @internal */
      detail(): void {}
      /** Opens it. */
      static open(at: i32): Box { return new Box('') }
    }
    export enum Colour { /** As blood. */ RED, GREEN }
    /** Says hello. @returns the text */
    export function greet<T>(
      name: string, // whose
      loud: bool = false
    ): string { return name }
    /** At most. */
    export const LIMIT: i32 = 5
    /** Tools. */
    export namespace tools { export function use(): void {} function keep(): void {} }
    function unseen(): void {}`,
  later: '/** Later. */ export function other(): void {}'
}
const made = exportsOf(module => SOURCES[module] ?? '')

t.test('a declaration is shown without its body, and without what is private', async t => {
  const found = Object.fromEntries(made.map(each => [each.name, each]))
  t.equal(found.Box?.signature, 'class Box')
  t.equal(found.Box?.doc, 'A box.\n@param T - what is in it')
  t.strictSame(found.Box?.members, [
    { signature: 'size: i32', doc: 'Its size, < 10.' },
    { signature: 'readonly name: string', doc: '' },
    { signature: 'constructor(name: string, x: i32 = 3)', doc: '' },
    { signature: 'static open(at: i32): Box', doc: 'Opens it.' }
  ])
  t.strictSame(found.Colour?.members, [
    { signature: 'RED', doc: 'As blood.' },
    { signature: 'GREEN', doc: '' }
  ])
  t.equal(found.Colour?.doc, '')
  t.equal(found.greet?.signature, 'function greet<T>(name: string, loud: bool = false): string')
  t.equal(found.LIMIT?.signature, 'const LIMIT: i32')
  t.strictSame(
    found.tools?.members.map(each => each.signature),
    ['function use(): void']
  )
})

t.test('the page has a heading for each, and what belongs to no chapter comes last', async t => {
  const page = referencePage(made)
  t.match(page, /^- \[More\]\(#more\): `Box`, `Colour`, `greet`, `LIMIT`, `tools`, `other`$/m)
  t.match(page, /### `Box`\n\n```ts\nclass Box\n```\n\nA box\.\n\n- `T`: what is in it/)
  t.match(page, '- `size: i32`: Its size, &lt; 10.')
  t.notMatch(page, /\n\n\n/)
})

t.test('an export that is declared nowhere is named', async t => {
  const read = (module: string) => (module === 'index' ? "export { gone } from './things'" : '')
  t.throws(() => exportsOf(read), { message: 'plugin-sdk/assembly/things.ts does not declare gone' })
})
