import type { Case } from './cases.js'

/** The AI gateway, beside what passes the same bytes and beside another AI gateway. */
export const AI_CASES: readonly Case[] = [
  {
    name: 'ai-chat',
    title: 'chat, JSON, OpenAI to OpenAI',
    connections: [32],
    columns: [
      { name: 'nginx', contender: 'nginx-ai', traffic: 'chat' },
      { name: 'bare', contender: 'bare-ai', traffic: 'chat', against: 'nginx' },
      { name: 'sluice', contender: 'sluice', traffic: 'chat', against: 'nginx' },
      { name: 'portkey', contender: 'portkey', traffic: 'chatPortkey', against: 'sluice' }
    ],
    bars: [{ says: 'chat: Portkey’s CPU ≥ 20× ours', column: 'portkey', figure: 'cpuRatio', limit: 20, atLeast: true }]
  },
  {
    name: 'ai-chat-across',
    title: 'chat, JSON, OpenAI to Anthropic',
    connections: [32],
    columns: [
      { name: 'same dialect', contender: 'sluice', traffic: 'chat' },
      { name: 'sluice', contender: 'sluice', traffic: 'chatAcross', against: 'same dialect' },
      { name: 'portkey', contender: 'portkey', traffic: 'chatAcrossPortkey', against: 'sluice' }
    ],
    bars: [
      { says: 'chat across: Portkey’s CPU ≥ 10× ours', column: 'portkey', figure: 'cpuRatio', limit: 10, atLeast: true }
    ]
  },
  {
    name: 'ai-stream',
    title: 'streams of 100 events, OpenAI to OpenAI',
    unit: 'event',
    connections: [48],
    columns: [
      { name: 'nginx', contender: 'nginx-ai', traffic: 'stream' },
      { name: 'bare', contender: 'bare-ai', traffic: 'stream', against: 'nginx' },
      { name: 'sluice', contender: 'sluice', traffic: 'stream', against: 'nginx' },
      { name: 'sluice, usage asked', contender: 'sluice', traffic: 'streamUsage', against: 'nginx' },
      { name: 'portkey', contender: 'portkey', traffic: 'streamPortkey', against: 'nginx' }
    ],
    bars: [
      { says: 'streamed event: CPU ≤ 2.5× nginx', column: 'sluice', figure: 'cpuRatio', limit: 2.5 },
      {
        says: 'the same, of a client that asks for usage',
        column: 'sluice, usage asked',
        figure: 'cpuRatio',
        limit: 2.5
      }
    ]
  },
  {
    name: 'ai-stream-across',
    title: 'streams of 100 events, OpenAI to Anthropic, beside nginx passing Anthropic’s',
    unit: 'event',
    connections: [48],
    columns: [
      { name: 'nginx', contender: 'nginx-ai', traffic: 'streamAnthropic' },
      { name: 'sluice', contender: 'sluice', traffic: 'streamAcross', against: 'nginx' },
      { name: 'portkey', contender: 'portkey', traffic: 'streamAcrossPortkey', against: 'nginx' }
    ],
    bars: [{ says: 'streamed event across: CPU ≤ 5× nginx', column: 'sluice', figure: 'cpuRatio', limit: 5 }]
  },
  {
    name: 'ai-ttft',
    title: 'first token at rest, beside the provider itself',
    unit: 'event',
    connections: [1],
    atRest: true,
    columns: [
      { name: 'provider', contender: 'mock', traffic: 'first', warmUp: 'burst' },
      { name: 'Anthropic', contender: 'mock', traffic: 'firstAnthropic', warmUp: 'burst' },
      { name: 'nginx', contender: 'nginx-ai', traffic: 'first', warmUp: 'burst', against: 'provider' },
      { name: 'bare', contender: 'bare-ai', traffic: 'first', warmUp: 'burst', against: 'provider' },
      { name: 'sluice', contender: 'sluice', traffic: 'first', warmUp: 'burst', against: 'provider' },
      {
        name: 'sluice across',
        contender: 'sluice',
        traffic: 'firstAcross',
        warmUp: 'burstAcross',
        against: 'Anthropic'
      },
      { name: 'portkey', contender: 'portkey', traffic: 'firstPortkey', warmUp: 'burstPortkey', against: 'provider' }
    ],
    bars: [
      { says: 'first token: added p50 < 0.5 ms', column: 'sluice', figure: 'addedP50', limit: 0.5 },
      { says: 'first token across: added p50 < 0.5 ms', column: 'sluice across', figure: 'addedP50', limit: 0.5 }
    ]
  },
  {
    name: 'ai-burst',
    title: 'first token of a stream that comes all at once, beside the provider itself',
    unit: 'event',
    connections: [1],
    atRest: true,
    columns: [
      { name: 'provider', contender: 'mock', traffic: 'burst' },
      { name: 'nginx', contender: 'nginx-ai', traffic: 'burst', against: 'provider' },
      { name: 'sluice', contender: 'sluice', traffic: 'burst', against: 'provider' },
      { name: 'sluice across', contender: 'sluice', traffic: 'burstAcross', against: 'provider' },
      { name: 'portkey', contender: 'portkey', traffic: 'burstPortkey', against: 'provider' }
    ],
    bars: []
  }
]
