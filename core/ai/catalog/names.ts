/** Names of providers and models as they come, made into those the catalog has. */

const PROVIDER_ALIASES = new Map(
  Object.entries({
    'amazon-bedrock': 'bedrock',
    aws: 'bedrock',
    azure: 'azure-openai',
    'azure-ai': 'azure-openai',
    'cloudflare-workers-ai': 'cloudflare',
    'fireworks-ai': 'fireworks',
    google: 'gemini',
    'google-ai': 'gemini',
    'google-vertex': 'vertex',
    'meta-llama': 'meta',
    mistralai: 'mistral',
    moonshotai: 'moonshot',
    'together-ai': 'together',
    togetherai: 'together',
    'vertex-ai': 'vertex',
    voyageai: 'voyage',
    'x-ai': 'xai',
    'z-ai': 'zai'
  })
)

/** Clouds that sell others' models: where the catalog does not have their own price, the maker's counts. */
const MAKERS = new Map(
  Object.entries({
    'azure-openai': ['openai', 'anthropic', 'deepseek', 'xai', 'moonshot', 'mistral', 'cohere', 'meta'],
    bedrock: ['anthropic', 'mistral', 'cohere'],
    vertex: ['gemini', 'anthropic', 'mistral'],
    gemini: ['vertex']
  })
)

/** A name longer than this is no model's. */
const LONGEST = 256

/** The catalog's name of a provider. */
export function providerName(name: string): string {
  const small = name.toLowerCase()
  return PROVIDER_ALIASES.get(small) ?? small
}

/** Where a provider's models are looked for, in this order. */
export function placesOf(provider: string): readonly string[] {
  const name = providerName(provider)
  return [name, ...(MAKERS.get(name) ?? [])]
}

/**
 * The names a model may have in the catalog, the surest first: as it is; without resource paths; without the region and version of Bedrock; without
 * the date of a snapshot; the base of a fine-tuned one; without its maker's name. All in small letters.
 */
export function candidates(model: string): string[] {
  if (model.length > LONGEST) return []
  const found = new Set([model.toLowerCase()])
  for (const name of found) {
    for (const [part, rest] of SHORTER) {
      const shorter = name.replace(part, rest)
      if (shorter !== '') found.add(shorter) // comes up in the outer loop in its turn
    }
  }
  return [...found]
}

/** Each takes one thing off a name. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  // arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-…, publishers/google/models/gemini-…
  [/^arn:.*\//, ''],
  [/^(?:projects\/.*\/)?(?:publishers\/[^/]+\/)?models\//, ''],
  // Bedrock: us.anthropic.claude-opus-4-5-20251101-v1:0
  [/^(?:us|us-gov|eu|apac|au|ca|in|jp|global)\.(?=[a-z0-9-]+\.)/, ''],
  [/(?:-v\d+)?:\d+(?::\d+k)?$/, ''],
  [/^([a-z0-9-]+\.[a-z].*)-v\d+$/, '$1'],
  // Vertex: claude-opus-4-5@20251101, gemini-2.5-pro@default
  [/@(\d{8})$/, '-$1'],
  [/@[a-z0-9-]+$/, ''],
  // ft:gpt-4o-mini-2024-07-18:acme::abc → ft:gpt-4o-mini-2024-07-18 → gpt-4o-mini-2024-07-18
  [/^(ft:[^:]+):.*$/, '$1'],
  [/^ft:([^:]+)$/, '$1'],
  // Snapshots: -2025-08-07, -20250807, -preview-05-06, -001 of Gemini, -latest
  [/-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/, ''],
  [/-preview-\d{2}-(?:\d{2}|\d{4})$/, '-preview'],
  [/(gemini.*)-00\d$/, '$1'],
  [/-(?:latest|preview)$/, ''],
  // The maker: anthropic.claude-…, openai/gpt-…
  [/^[a-z][a-z0-9-]*\.(?=[a-z])/, ''],
  [/^[a-z0-9@-]+\//, '']
]

/** The region in a name of Bedrock ("eu.anthropic.…"); undefined: it says none. */
export function regionIn(model: string): string | undefined {
  return /^(us|us-gov|eu|apac|au|ca|in|jp|global)\.[a-z0-9-]+\./.exec(model)?.[1]
}
