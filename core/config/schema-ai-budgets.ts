import Type, { type Static } from 'typebox'
import { millionths } from '../base/dollars.js'
import { wholeNumber } from '../base/units.js'
import { parseSpan } from './dates.js'
import { checked, Duration, NAME_PATTERN } from './values.js'

const closed = { additionalProperties: false } as const

/** What an exchange can be counted by. */
const DIMENSIONS = ['consumer', 'app', 'tenant', 'model', 'provider', 'route'] as const
const CALENDAR = ['minute', 'hour', 'day', 'week', 'month'] as const

/** Dollars as a decimal, text or number. */
export function Dollars(description: string) {
  return amount(description, text => millionths(text) !== undefined)
}

/** Of one of those things that can be counted: its own check is in cross-check-ai-money. */
function Limit(description: string) {
  return amount(description, text => millionths(text) !== undefined || wholeNumber(text) !== undefined)
}

function amount(description: string, right: (text: string) => boolean) {
  return Type.Union(
    [
      Type.Number({ minimum: 0 }),
      checked(text => (right(text) ? undefined : 'is no amount; expected a decimal like 2.50, without a sign'), {
        title: 'dollars',
        examples: ['2.50', '0.075']
      })
    ],
    { title: 'dollars, at most six digits after the point', description }
  )
}

const Names = Type.Array(Type.String({ minLength: 1 }), {
  minItems: 1,
  uniqueItems: true,
  description: 'Names; a "*" stands for anything.'
})

const When = Type.Object(Object.fromEntries(DIMENSIONS.map(dimension => [dimension, Type.Optional(Names)])), {
  ...closed,
  description: 'Only exchanges with these count, and are refused. Left out: all.'
})

const Rolling = Type.Object(
  {
    rolling: checked(
      text => (parseSpan(text) === undefined ? 'is no time span; expected one like 30m, 12h or 7d' : undefined),
      {
        title: 'a time span',
        examples: ['30m', '12h', '7d'],
        description: 'A window that moves on in 60 steps: what is in a step leaves with it.'
      }
    )
  },
  { ...closed }
)

const Thresholds = (options: { readonly default?: number[]; readonly description: string }) =>
  Type.Array(Type.Integer({ minimum: 1, maximum: 1_000 }), { uniqueItems: true, ...options })

const Budget = Type.Object(
  {
    name: Type.String({
      pattern: NAME_PATTERN,
      description: 'Its name in logs, alerts and refusals. Under another name it begins anew.'
    }),
    per: Type.Array(Type.Enum([...DIMENSIONS]), {
      default: [],
      uniqueItems: true,
      description:
        'Each distinct combination of these has its own account; those of which nothing is known share one. Empty: one account for all.'
    }),
    when: Type.Optional(When),
    count: Type.Enum(['requests', 'tokens', 'inputTokens', 'outputTokens', 'dollars'], {
      description: 'What is counted. "tokens" are those of prompts and answers.'
    }),
    limit: Limit('How much of it. A whole number, but for dollars.'),
    every: Type.Union([Type.Enum([...CALENDAR]), Rolling], {
      title: `one of ${CALENDAR.join(', ')}, or a mapping with "rolling"`,
      description: 'How long it counts: by the calendar in UTC (weeks begin on Mondays), or a window that moves on.'
    }),
    alerts: Type.Optional(
      Thresholds({ description: 'Per cent of the limit at which an alert is given. Left out: those of ai.alerts.' })
    ),
    enforce: Type.Boolean({ default: true, description: 'false: it counts and alerts, and refuses nothing.' })
  },
  closed
)

export const AiBudgets = Type.Array(Budget, {
  default: [],
  description:
    'Limits of what may be spent: taken from before a request goes out, made right after. All that concern an exchange must have room.'
})
export type AiBudgets = Static<typeof AiBudgets>

const AlertWebhook = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s/]',
      title: 'an http(s) URL',
      examples: ['https://hooks.example.com/sluice'],
      description: 'Where alerts are sent by POST.'
    }),
    secret: Type.String({
      pattern: '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$',
      title: 'a secret of Standard Webhooks: "whsec_" and 24 to 64 bytes in base64',
      description: 'What they are signed with (Standard Webhooks, v1).'
    })
  },
  {
    ...closed,
    description: 'Alerts are sent there too, and tried again for hours. Left out: they are log lines alone.'
  }
)

export const AiAlerts = Type.Object(
  {
    thresholds: Thresholds({
      default: [50, 80, 100],
      description: 'Per cent of a budget at which an alert is given, once in its period for each account.'
    }),
    webhook: Type.Optional(AlertWebhook)
  },
  { ...closed, default: {}, description: 'Who hears of budgets that are nearly spent.' }
)
export type AiAlerts = Static<typeof AiAlerts>

export const AiLedger = Type.Object(
  {
    file: Type.Union([Type.Literal(false), Type.String({ minLength: 1 })], {
      default: 'sluice-ledger.jsonl',
      title: 'a path, or false',
      description:
        'Where what was spent is kept, relative to this file; for one gateway alone. false: in memory, and forgotten at the end. Without budgets there is no file.'
    }),
    sync: Duration(
      'How long it may take until it is on the disk for sure, should the machine fail. A process that is killed loses milliseconds, and what is under way.',
      { default: '1s', min: 0 }
    )
  },
  { ...closed, default: {}, description: 'The memory of budgets.' }
)
export type AiLedger = Static<typeof AiLedger>
