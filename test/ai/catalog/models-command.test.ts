import t from 'tap'
import { sluice } from '../../command.js'

t.test('sluice models lists all models with window and price, sorted, and says how old the data is', async t => {
  const { code, stdout } = await sluice(['models'])
  t.equal(code, 0)
  const lines = stdout.trimEnd().split('\n')
  t.match(lines[0], /^PROVIDER +MODEL +CONTEXT +OUTPUT +\$ IN +\$ CACHED +\$ OUT +CAN$/)
  const models = lines.slice(1, -2).map(line => line.split(/ +/, 2))
  t.ok(models.length >= 300)
  const keys = models.map(([provider, id]) => `${provider}\n${id}`)
  t.strictSame(keys, [...keys].sort())
  t.match(
    lines.at(-1),
    new RegExp(`^${models.length} models; .*@pydantic/genai-prices [0-9.]+ of 20\\d\\d-\\d\\d-\\d\\d`)
  )
  t.ok(
    lines.some(line =>
      /^openai +gpt-5 +400K +128K +1\.25 +0\.125 +10 +tools,structured,reasoning,caching,vision$/.test(line)
    )
  )
  t.ok(lines.some(line => /^anthropic +claude-3-opus.*retired 2026-01-05$/.test(line)))
})

t.test('sluice models searches by provider, words and abilities', async t => {
  const idsOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await sluice(['models', '--json', ...args])
    t.equal(code, 0, stderr)
    return JSON.parse(stdout).models.map((model: { provider: string; id: string }) => `${model.provider}/${model.id}`)
  }
  const bedrock: string[] = await idsOf('--provider', 'aws', '--search', 'Claude haiku-4')
  t.ok(bedrock.length > 0)
  t.ok(
    bedrock.every(name => /^bedrock\/.*claude-haiku-4/.test(name)),
    bedrock.join()
  )
  const able: string[] = await idsOf('--can', 'pdf, tools', '--provider', 'gemini')
  t.ok(able.includes('gemini/gemini-2.5-pro'))
  t.notOk(able.includes('gemini/gemini-embedding-001'))
  t.strictSame(await idsOf('--search', 'no such model'), [])
})

t.test('sluice models knows the models of the configuration', async t => {
  const folder = t.testdir({
    'sluice.yaml':
      'ai: { catalog: { file: more.yaml, models: { vllm: { mine: { contextTokens: 8192, price: { input: "0.5", output: 1 } } } } } }',
    'more.yaml': 'models: { openai: { gpt-5: { price: { output: 7, perSearch: 0.02 } } } }',
    'wrong.yaml': 'ai: { catalog: { models: { vllm: { mine: { price: { input: cheap } } } } } }'
  })
  const { stdout } = await sluice(['models', '-c', `${folder}/sluice.yaml`, '--provider', 'vllm'])
  t.match(stdout, /\nvllm +mine +8K +- +0\.5 +- +1\n\n1 model;/)
  const json = await sluice(['models', '-c', `${folder}/sluice.yaml`, '--provider', 'openai', '--json'])
  const found = JSON.parse(json.stdout).models.find((model: { id: string }) => model.id === 'gpt-5')
  t.match(found.price, { input: '1.25', output: '7', cacheRead: '0.125', perSearch: '0.02', services: { flex: 0.5 } })
  const wrong = await sluice(['models', '-c', `${folder}/wrong.yaml`])
  t.equal(wrong.code, 1)
  t.match(wrong.stderr, /wrong\.yaml:1:\d+ {2}ai\.catalog\.models\.vllm\.mine\.price\.input/)
})

t.test('sluice models says what it does not understand', async t => {
  for (const [args, said] of [
    [['--can', 'tool'], /"tool" is none of tools, structured.*did you mean "tools"/],
    [['--provider', 'nobody'], /"nobody" is none of anthropic/],
    [['openai'], /expected nothing after it but options, found "openai"/]
  ] as const) {
    const { code, stderr } = await sluice(['models', ...args])
    t.equal(code, 2)
    t.match(stderr, said)
  }
})
