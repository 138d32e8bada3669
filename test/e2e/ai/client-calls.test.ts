import t from 'tap'
import type { JsonObject } from '../../../core/ai/members.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

/** Calls of OpenAI's own tools, which the client carries out or allows: policies see them as calls like any other. */
const ITEMS: readonly JsonObject[] = [
  { type: 'local_shell_call', id: 'i1', call_id: 'c1', status: 'completed', action: { type: 'exec', command: ['ls'] } },
  { type: 'shell_call', id: 'i1', call_id: 'c1', status: 'completed', action: { commands: ['ls'] } },
  {
    type: 'apply_patch_call',
    id: 'i1',
    call_id: 'c1',
    status: 'completed',
    operation: { type: 'delete_file', path: 'a' }
  },
  {
    type: 'computer_call',
    id: 'i1',
    call_id: 'c1',
    status: 'completed',
    action: { type: 'wait' },
    pending_safety_checks: []
  },
  { type: 'computer_call', id: 'i1', call_id: 'c1', status: 'completed', actions: [{ type: 'wait' }] },
  { type: 'mcp_approval_request', id: 'i1', name: 'rm', server_label: 'x', arguments: '{"path":"a"}' },
  {
    type: 'function_call',
    id: 'i1',
    call_id: 'c1',
    status: 'completed',
    name: 'rm',
    namespace: 'files',
    arguments: '{}'
  }
]
const NAMES = ['local_shell', 'shell', 'apply_patch', 'computer', 'computer', 'rm', 'files__rm']

function response(...output: readonly JsonObject[]): JsonObject {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
  return { id: 'resp_12345678', object: 'response', status: 'completed', model: 'gpt-5', output, usage }
}

function stream(...output: readonly JsonObject[]): string {
  const events = [
    { type: 'response.created', response: { ...response(), status: 'in_progress' } },
    ...output.flatMap((item, i) => [
      { type: 'response.output_item.added', output_index: i, item: { ...item, status: 'in_progress' } },
      { type: 'response.output_item.done', output_index: i, item }
    ]),
    { type: 'response.completed', response: response(...output) }
  ]
  return events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

const RULE = { tools: ['shell', 'rm'], action: 'set' }
/** Settings of the tool guard, by the path their route is under. */
const ROUTES: Readonly<Record<string, object>> = {
  drop: { allow: ['get_*'], offered: 'keep' },
  deny: { deny: NAMES, offered: 'keep', calls: 'deny' },
  keep: { deny: ['wipe'], offered: 'keep' },
  set: {
    offered: 'keep',
    rules: [
      { ...RULE, argument: '/commands', in: [['true']], value: ['true'] },
      { ...RULE, argument: '/path', in: ['b'], value: 'b' }
    ]
  },
  offer: { deny: ['files__rm'] }
}

let output: readonly JsonObject[] = []
const upstream = await recordingUpstream(t, ({ body }, reply) => {
  const streamed = JSON.parse(body.toString()).stream === true
  reply.setHeader('content-type', streamed ? 'text/event-stream' : 'application/json')
  reply.end(streamed ? stream(...output) : JSON.stringify(response(...output)))
})
const sluice = await startSluice(t, {
  upstreams: {},
  ai: {
    providers: {
      main: {
        provider: 'openai',
        baseUrl: `http://127.0.0.1:${upstream.port}/v1`,
        keys: ['secret'],
        cooldown: { base: '1ms', max: '1ms', refused: '1ms' }
      }
    }
  },
  routes: Object.entries(ROUTES).map(([name, settings]) => {
    const policies = [{ plugin: 'ai-tool-guard', settings }]
    return { name, match: { path: `/${name}/*` }, stripPrefix: `/${name}`, ai: {}, policies }
  })
})

/** What the client gets of an answer with these items. */
async function ask(route: string, items: readonly JsonObject[], streamed: boolean, more: object = {}) {
  output = items
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/${route}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5', input: 'Hi', stream: streamed, ...more })
  })
  const text = await reply.text()
  return { status: reply.status, text, items: itemsOf(text, streamed) }
}

function itemsOf(text: string, streamed: boolean): unknown {
  if (!streamed) return JSON.parse(text).output
  const events = text
    .split('\n')
    .filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice(6)))
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)
}

for (const streamed of [false, true]) {
  const how = streamed ? 'streamed' : 'whole'

  t.test(`${how}: a call the client carries out is dropped where its tool may not be used`, async t => {
    for (const item of ITEMS) {
      const { status, items, text } = await ask('drop', [item], streamed)
      t.equal(status, 200)
      t.strictSame(items, [], `${item.type}`)
      t.notMatch(text, /"(path|command|commands|wait)"/)
    }
  })

  t.test(`${how}: the answer is refused`, async t => {
    for (const item of ITEMS) {
      const { status, text } = await ask('deny', [item], streamed)
      if (!streamed) t.equal(status, 403, `${item.type}`)
      t.match(text, /"error":\{|A tool may not be used/)
      t.notMatch(text, /"call_id"/)
    }
  })

  t.test(`${how}: what may be called stays as it came, also beside a call that is dropped`, async t => {
    const wipe = { type: 'function_call', id: 'f1', call_id: 'c9', status: 'completed', name: 'wipe', arguments: '{}' }
    for (const item of ITEMS) {
      t.strictSame((await ask('keep', [item], streamed)).items, [item], `${item.type}`)
      t.strictSame((await ask('keep', [wipe, item], streamed)).items, [item], `${item.type}, beside another`)
    }
  })

  t.test(`${how}: arguments are changed in the item, and refused where it has no place for them`, async t => {
    t.match((await ask('set', [ITEMS[1] ?? {}], streamed)).items, [
      { type: 'shell_call', action: { commands: ['true'] } }
    ])
    const { status, text } = await ask('set', [ITEMS[5] ?? {}], streamed)
    if (!streamed) t.equal(status, 400)
    t.match(text, /mcp_approval_request: a policy of this route changed its arguments/)
  })
}

t.test('a shell that the provider runs is not the client’s call', async t => {
  const item = { ...ITEMS[1], environment: { type: 'container_reference', container_id: 'c' } }
  t.strictSame((await ask('keep', [item], false)).items, [item])
})

t.test('tools of a namespace are offered one by one, and stay in it', async t => {
  const [rm, ls] = ['rm', 'ls'].map(name => ({ type: 'function', name, parameters: { type: 'object' } }))
  const files = { type: 'namespace', name: 'files', description: 'Files.', tools: [rm, ls] }
  await ask('offer', [], false, { tools: [files, { type: 'local_shell' }] })
  const sent = upstream.seen.at(-1)?.body.toString() ?? ''
  t.match(JSON.parse(sent).tools, [{ ...files, tools: [ls] }, { type: 'local_shell' }])
  t.notMatch(sent, /"rm"/)
})
