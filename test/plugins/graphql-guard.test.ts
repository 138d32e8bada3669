import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { bodyPrefix } from '../../core/plugin-host/abi.js'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

/** What a random document selects; a spread holds what its fragment does. */
interface Selection {
  readonly kind: 'field' | 'inline' | 'spread'
  readonly below: readonly Selection[]
  readonly alias: boolean
  readonly first: number | undefined
  readonly directive: boolean
}

const { selection } = fc.letrec<{ selection: Selection }>(tie => ({
  selection: fc.record({
    kind: fc.constantFrom('field', 'field', 'inline', 'spread'),
    below: fc.oneof(
      { depthSize: 'small' },
      fc.constant([]),
      fc.array(tie('selection'), { minLength: 1, maxLength: 4 })
    ) as fc.Arbitrary<Selection[]>,
    alias: fc.boolean(),
    first: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    directive: fc.boolean()
  })
}))
const selections = fc.array(selection, { minLength: 1, maxLength: 4 })

const LIMITS = {
  maxDepth: 200,
  maxCost: 1e9,
  maxAliases: 10_000,
  maxDirectives: 10_000,
  maxRootFields: 10_000,
  maxQueryBytes: 262_144,
  introspection: true,
  operationTypes: ['query', 'mutation', 'subscription'],
  cost: { field: 1, listArguments: ['first'] }
}

t.test('fragments are counted where they are spread, as if they stood there', async t => {
  const guest = await guard(LIMITS)
  const property = fc.property(selections, list => {
    const { depth, cost } = measureOf(list)
    const tags = tagsOf(send(guest, written(list)))
    return tags.get('graphql.depth') === String(depth) && tags.get('graphql.cost') === String(cost)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
})

t.test('blanks, commas and comments change nothing', async t => {
  const guest = await guard(LIMITS)
  const blank = fc.constantFrom(' ', ',', '\n', '\r\n', '\t', '\ufeff', '#{ "\n', '# """\r')
  const property = fc.property(selections, fc.array(blank, { minLength: 1, maxLength: 20 }), (list, blanks) => {
    let used = 0
    const spaced = written(list).replace(/ /g, () => blanks[used++ % blanks.length] ?? ' ')
    const [plain, odd] = [tagsOf(send(guest, written(list))), tagsOf(send(guest, spaced))]
    return plain.size > 0 && [...plain].every(([name, value]) => odd.get(name) === value)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
})

t.test('whatever is sent is answered or let go on, and the next request is served', async t => {
  const guest = await guard(LIMITS)
  const piece = fc.constantFrom(
    ...['{', '}', '(', ')', '[', ']', ':', '=', '!', '$', '@', '...', '..', '"', '"""', '\\', '\\"""', '|', '&'],
    ...['a', 'on', 'query', 'fragment', 'first', '1', '-', '0', '.', 'e5', '#', '\n', ' ', 'ü', '\ufeff', '{a}', '$v']
  )
  const soup = fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join(''))
  const near = fc.tuple(selections, fc.nat(), soup).map(([list, at, text]) => {
    const document = written(list)
    const place = at % document.length
    return document.slice(0, place) + text + document.slice(place + text.length)
  })
  const property = fc.property(fc.oneof(soup, near), text => {
    const { reply } = send(guest, text)
    return (reply === null || reply.status === 400) && send(guest, '{a}').reply === null
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5_000 }))
})

t.test('a limit is the same in every place a field can hide', async t => {
  const guest = await guard({ ...LIMITS, introspection: false })
  const property = fc.property(selections, fc.nat(), (list, at) => {
    const document = written(list)
    const places = [...document.matchAll(/\{ /g)].map(match => match.index + 2)
    const place = places[at % places.length] ?? 2
    const { reply } = send(guest, `${document.slice(0, place)}x: __type(name: "A") { name } ${document.slice(place)}`)
    return reply?.status === 403
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
})

/** The document: each spread has a fragment of its own. Every blank may be any other. */
function written(list: readonly Selection[]): string {
  const fragments: string[] = []
  const set = (below: readonly Selection[]): string => `{ ${below.map(one).join(' ')} }`
  const one = ({ kind, below, alias, first, directive }: Selection): string => {
    const end = directive ? ' @d(if: true)' : ''
    if (kind === 'field') {
      const size = first === undefined ? '' : ` ( first : ${first} )`
      return `${alias ? 'a : ' : ''}f${size}${end}${below.length > 0 ? ` ${set(below)}` : ''}`
    }
    const inner = set(below.length > 0 ? below : [LEAF])
    if (kind === 'inline') return `... on T${end} ${inner}`
    const name = `F${fragments.length}`
    fragments.push('')
    fragments[Number(name.slice(1))] = `fragment ${name} on T ${inner}`
    return `... ${name}${end}`
  }
  return `query Q ${set(list)} ${fragments.length > 0 ? fragments.join(' ') : ''}`
}

const LEAF: Selection = { kind: 'field', below: [], alias: false, first: undefined, directive: false }

function measureOf(list: readonly Selection[]): { depth: number; cost: number } {
  let depth = 0
  let cost = 0
  for (const { kind, below, first = 1 } of list) {
    const inner = measureOf(kind !== 'field' && below.length === 0 ? [LEAF] : below)
    if (kind === 'field') {
      depth = Math.max(depth, inner.depth + 1)
      cost += 1 + inner.cost * first
    } else {
      depth = Math.max(depth, inner.depth)
      cost += inner.cost
    }
  }
  return { depth, cost }
}

async function guard(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/graphql-guard'))
  t.equal(guest.configure(settings), '')
  return guest
}

function send(guest: Guest, query: string): Verdict {
  const body = Buffer.from(JSON.stringify({ query }))
  const request = { method: 'POST', path: '/graphql', headers: ['content-type', 'application/json'] }
  const input = Buffer.concat([RequestInput.encode({ request }).finish(), Buffer.from(bodyPrefix(body.length)), body])
  return guest.verdict('on_request_body', input)
}

function tagsOf({ tags }: Verdict): Map<string, string> {
  return new Map(tags.flatMap((name, i) => (i % 2 === 0 ? [[name, tags[i + 1] ?? '']] : [])) as [string, string][])
}
