import { reservedOutput, UsualOutput } from '../../ai/budgets/estimate.js'
import { rateLimitHeaders, standingsAfter } from '../../ai/budgets/headers.js'
import type { Answer, Grant, Ledger, Standing } from '../../ai/budgets/ledger.js'
import { budgetError } from '../../ai/budgets/refusal.js'
import type { Dimensions } from '../../ai/budgets/rule.js'
import type { Catalog } from '../../ai/catalog/catalog.js'
import type { ChatRequest } from '../../ai/chat.js'
import { costOf, outputRate } from '../../ai/cost.js'
import type { Operation } from '../../ai/dialects/dialect.js'
import { textIn } from '../../ai/lenient.js'
import { priced, type UnpricedMeter } from '../../ai/pricing.js'
import { hasPlace } from '../../ai/routing/param-places.js'
import { type Usage, usageOf } from '../../ai/usage.js'
import type { HeaderList } from '../../base/headers.js'
import { header } from '../../base/headers.js'
import type { Booking, CatalogEntry, Owed, PlanRequest, Target } from './runtime.js'

/** The names of tags that say who is behind a consumer, for budgets. */
const TENANT_TAG = 'tenant'
const APP_TAG = 'app'

/** What providers take no money for: asking what there is, how much it would be, and about answers that were paid for. */
export const FREE: ReadonlySet<Operation> = new Set([
  'models',
  'count-tokens',
  'response-input-tokens',
  'response-get',
  'response-delete',
  'response-cancel',
  'response-input-items'
])

/** Operations whose answers have no tokens that are counted. */
const NO_OUTPUT: ReadonlySet<Operation> = new Set(['embeddings', 'rerank', 'moderations'])
const DRAWING: ReadonlySet<Operation> = new Set(['image-generation', 'image-edit', 'image-variation'])

export interface BookkeeperOptions {
  /** undefined: there never were budgets, only prices. */
  readonly ledger: Ledger | undefined
  /** Whether there are budgets now. What is owed to those that there were is booked all the same. */
  readonly budgeted: boolean
  readonly catalog: Catalog
  readonly unpriced: UnpricedMeter
  /** Whether a price that the provider states counts. */
  readonly providerPrice: boolean
}

/** Takes from budgets before an answer is asked for, and books what it used after. */
export class Bookkeeper {
  private readonly usual = new UsualOutput()

  constructor(private readonly options: BookkeeperOptions) {}

  /** @throws RetryLater GW_AI_BUDGET_EXCEEDED, GW_AI_LIMIT_EXCEEDED */
  book(request: PlanRequest, target: Target, entry: CatalogEntry): Booking | Promise<Booking> {
    const { ledger, budgeted } = this.options
    if (ledger === undefined || !budgeted || FREE.has(request.operation))
      return new PricedBooking(this, undefined, entry, target.model)
    const { catalog } = this.options
    const now = Date.now()
    const known = catalog.find(entry.provider, entry.model)
    const chat = request.chat()
    const input = request.inputTokens
    const output = NO_OUTPUT.has(request.operation)
      ? 0
      : reservedOutput({
          asked: chat?.max_tokens,
          n: givesSeveral(request, target) ? request.answers : 1,
          usual: this.usual.of(target.model),
          most: known?.maxOutputTokens
        })
    const tier = dearer(chat)
    const prompt = usageOf({ input, tier })
    const inputMicroDollars = costOf(prompt, known, now)?.microDollars ?? 0
    const ask = {
      dimensions: dimensionsOf(request, target),
      aside: request.aside,
      input,
      output,
      inputMicroDollars,
      outputRate: outputRate(known, now, { input, tier, ...kindsOf(request) })
    }
    const answer = ledger.reserve(ask)
    return answer instanceof Promise
      ? answer.then(each => this.granted(each, entry, target))
      : this.granted(answer, entry, target)
  }

  private granted(answer: Answer, entry: CatalogEntry, { model }: Target): Booking {
    if (!answer.granted) throw budgetError(answer, Date.now())
    return new PricedBooking(this, answer, entry, model)
  }

  more(id: string, produced: number): number | Promise<number> {
    return this.options.ledger?.cutAt(id, produced) ?? Number.POSITIVE_INFINITY
  }

  defer(id: string): void {
    void this.options.ledger?.defer(id)
  }

  release(id: string): void {
    void this.options.ledger?.release(id)
  }

  /**
   * @param requests - how many it was: 0 of what was not answered
   * @returns what it cost, micro-dollars
   */
  settle(
    id: string | undefined,
    entry: CatalogEntry,
    model: string,
    usage: Usage | undefined,
    requests = 1
  ): number | undefined {
    const { ledger, catalog, unpriced, providerPrice } = this.options
    const cost = usage && priced(catalog, unpriced, entry.provider, entry.model, usage, Date.now(), { providerPrice })
    if (usage !== undefined && requests > 0) this.usual.observe(model, usage.output)
    if (id !== undefined) {
      const { input = 0, output = 0 } = usage ?? {}
      void ledger?.settle(id, { requests, input, output, microDollars: cost?.microDollars ?? 0 })
    }
    return cost?.microDollars
  }
}

class PricedBooking implements Booking {
  readonly cutAt: number
  readonly mostOutput: number
  private over = false
  private standings: readonly Standing[]

  constructor(
    private readonly keeper: Bookkeeper,
    private readonly grant: Grant | undefined,
    private readonly entry: CatalogEntry,
    private readonly model: string
  ) {
    this.standings = grant?.standings ?? []
    this.cutAt = grant?.cutAt ?? Number.POSITIVE_INFINITY
    this.mostOutput = grant?.mostOutput ?? Number.POSITIVE_INFINITY
  }

  get headers(): HeaderList {
    return this.standings.length === 0 ? [] : rateLimitHeaders(this.standings, Date.now())
  }

  more(produced: number): number | Promise<number> {
    return this.grant === undefined ? Number.POSITIVE_INFINITY : this.keeper.more(this.grant.id, produced)
  }

  settle(usage: Usage | undefined): number | undefined {
    if (this.over) return undefined
    this.over = true
    const microDollars = this.keeper.settle(this.grant?.id, this.entry, this.model, usage)
    const { input = 0, output = 0 } = usage ?? {}
    this.standings = standingsAfter(this.standings, { requests: 1, input, output, microDollars: microDollars ?? 0 })
    return microDollars
  }

  settleFailed(usage: Usage): number | undefined {
    if (this.over) return undefined
    this.over = true
    return this.keeper.settle(this.grant?.id, this.entry, this.model, usage, 0)
  }

  release(): void {
    if (this.over) return
    this.over = true
    if (this.grant !== undefined) this.keeper.release(this.grant.id)
  }

  defer(input: number): Owed {
    this.over = true
    if (this.grant !== undefined) this.keeper.defer(this.grant.id)
    return { grant: this.grant?.id, entry: this.entry, model: this.model, input }
  }
}

/** Where the request says of what kind the answer is to be: OpenAI's, Gemini's. */
const MODALITIES = ['modalities', 'generationConfig.responseModalities'] as const

/** What the answer is besides text. */
function kindsOf(request: PlanRequest): { readonly speaks: boolean; readonly draws: boolean } {
  const { operation } = request
  const chat = request.chat()
  const kinds = MODALITIES.map(name => chat?.extra.get(name)).find(Array.isArray) ?? []
  const speaks = operation === 'speech' || kinds.some(kind => textIn(kind).toLowerCase() === 'audio')
  return { speaks, draws: DRAWING.has(operation) }
}

/** A target whose dialect has no word for it answers a chat once. */
function givesSeveral({ operation }: PlanRequest, { account, model }: Target): boolean {
  return DRAWING.has(operation) || account.dialects(operation, model).some(dialect => hasPlace(dialect, 'n'))
}

/** The tier a chat asks for, where it costs more: what asks for a cheaper one may be served at the usual one. Of Claude that is fast mode. */
export function dearer(chat: ChatRequest | undefined): string | undefined {
  if (chat === undefined) return undefined
  const { service_tier: tier, extra } = chat
  if (extra.get('speed') === 'fast') return 'fast'
  return tier === 'flex' || tier === 'batch' ? undefined : tier
}

/** The model is the one that answers, by its provider's name: a limit of it holds whatever name a client knows it by. */
function dimensionsOf({ consumer, tags, routeName }: PlanRequest, { account, model }: Target): Dimensions {
  const app = header(tags, APP_TAG)
  const tenant = header(tags, TENANT_TAG)
  return {
    ...(consumer !== '' && { consumer }),
    ...(app !== undefined && { app }),
    ...(tenant !== undefined && { tenant }),
    model,
    provider: account.name,
    route: routeName
  }
}
