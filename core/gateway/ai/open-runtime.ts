import { readFile } from 'node:fs/promises'
import type { Ledger } from '../../ai/budgets/ledger.js'
import { LocalLedger } from '../../ai/budgets/local-ledger.js'
import { budgetRules } from '../../ai/budgets/rules.js'
import { type Catalog, openCatalog } from '../../ai/catalog/catalog.js'
import { isMadeFor } from '../../ai/catalog/kind.js'
import type { CatalogModel } from '../../ai/catalog/model.js'
import { isAble } from '../../ai/catalog/model.js'
import type { ChatRequest } from '../../ai/chat.js'
import { costOf, outputRate } from '../../ai/cost.js'
import { Credentials, type Secrets } from '../../ai/keys/credentials.js'
import type { AccountKeys } from '../../ai/keys/report.js'
import { UnpricedMeter } from '../../ai/pricing.js'
import type { CompiledPrompt } from '../../ai/prompts/library.js'
import { type RegionRules, regionRules } from '../../ai/routing/regions.js'
import type { Abilities, Needs } from '../../ai/routing/request.js'
import { createRouter, type Router } from '../../ai/routing/router.js'
import type { ModelAt, Target as RoutedTarget } from '../../ai/routing/target.js'
import { Timings } from '../../ai/routing/timings.js'
import type { RoutingTools, Unavailable } from '../../ai/routing/tools.js'
import { chatTokens, textTokens } from '../../ai/tokens/chat.js'
import { preloadEncoding } from '../../ai/tokens/encoding.js'
import { type Usage, usageOf } from '../../ai/usage.js'
import type { Config, SecretConfig } from '../../config/resolve.js'
import type { AiProviderConfig } from '../../config/resolve-ai-providers.js'
import type { Need } from '../../config/schema-ai-conditions.js'
import type { AiMeter } from '../../observe/ai-meter.js'
import type { Logger } from '../../observe/log.js'
import type { Resilience } from '../resilience.js'
import { OpenedAccount, upstreamOf } from './accounts.js'
import { AskedRouting } from './asked-routing.js'
import { Bookkeeper } from './bookings.js'
import { AiKept } from './kept.js'
import type { AiRuntime, Booking, CatalogEntry, Owed, PlanRequest, Target, TargetPlan } from './runtime.js'

export interface RuntimeSurroundings {
  readonly log: Logger
  readonly resilience: Resilience
  readonly unpriced?: UnpricedMeter | undefined
  /** Of the process; left out: budgets have one of this snapshot alone, and forget at its end. */
  readonly ledger?: Ledger | undefined
  /** What outlives a snapshot; left out: this one begins without. */
  readonly kept?: AiKept | undefined
  readonly prompts: ReadonlyMap<string, CompiledPrompt>
  readonly meter?: AiMeter | undefined
}

/** The AI side of a configuration; undefined: it has none. */
export function openAi(config: Config, surroundings: RuntimeSurroundings): AiRuntime | undefined {
  if (!config.routes.some(({ ai }) => ai !== undefined)) return undefined
  // Until they are there, tokens are guessed by the length of the text.
  preloadEncoding('o200k_base').catch(error => surroundings.log.warn({ err: error }, 'tokens cannot be counted'))
  return new OpenedAi(config, surroundings)
}

class OpenedAi implements AiRuntime {
  readonly kept: AiKept
  readonly meter: AiMeter | undefined
  private readonly listed: ReadonlySet<string>
  readonly prompts: ReadonlyMap<string, CompiledPrompt>
  private readonly accounts: ReadonlyMap<string, OpenedAccount>
  private readonly catalog: Catalog
  private readonly router: Router
  private readonly tools: RoutingTools
  private readonly timings = new Timings(() => performance.now())
  private readonly books: Bookkeeper
  /** By account: what the catalog knows models as whose names at the provider say nothing. */
  private readonly known = new Map<string, ReadonlyMap<string, string>>()

  constructor(
    private readonly config: Config,
    private readonly surroundings: RuntimeSurroundings
  ) {
    const { ai, secrets } = config
    this.kept =
      surroundings.kept ?? new AiKept(error => surroundings.log.warn({ err: error }, 'no vector for the AI cache'))
    this.prompts = surroundings.prompts
    this.meter = surroundings.meter
    const credentials = new Credentials(readers(secrets), () => performance.now())
    this.accounts = new Map(
      ai.providers.map(account => [account.name, new OpenedAccount(account, credentials, surroundings.log)])
    )
    this.catalog = openCatalog(ai.catalog.overlay)
    for (const account of ai.providers) this.known.set(account.name, this.namesOf(account))
    this.books = new Bookkeeper({
      ledger: surroundings.ledger ?? (ai.budgets.length === 0 ? undefined : ownLedger(ai.budgets)),
      budgeted: ai.budgets.length > 0,
      catalog: this.catalog,
      unpriced: surroundings.unpriced ?? new UnpricedMeter(),
      providerPrice: ai.catalog.providerPrice
    })
    this.router = createRouter(ai.models, ai.providers, (account, model) => {
      return this.catalog.find(this.catalogName(account.name), model) !== undefined
    })
    this.listed = new Set(this.router.names())
    this.tools = {
      random: Math.random,
      now: () => Date.now(),
      timings: this.timings,
      price: (model, request) => this.expected(model, request.needs()),
      abilities: model => abilitiesOf(this.entryOf(model.account, model.model).model, this.modelAt(model)),
      unavailable: model => this.unavailable(model)
    }
  }

  plan(request: PlanRequest): TargetPlan {
    const { route } = request
    const allow = route.models.length === 0 ? undefined : route.models
    const plan = this.router.plan(new AskedRouting(request), this.tools, { allow, regions: this.regions(request) })
    return {
      next: after => {
        const target = plan.next(after)
        return target && this.target(target)
      },
      refusal: () => plan.refusal(),
      ruled: () => plan.ruled
    }
  }

  regions(request: PlanRequest): RegionRules {
    const { regions } = request.route
    return regionRules(this.config.ai.regions, request, regions.length === 0 ? undefined : regions)
  }

  label(model: string): string {
    return this.listed.has(model) ? model : ''
  }

  at(name: string): Target | undefined {
    const account = this.accounts.get(name)
    return account && { account, model: '', params: {}, answered: () => undefined }
  }

  models({ models }: PlanRequest['route']): ReturnType<AiRuntime['models']> {
    return this.router.names(models.length === 0 ? undefined : models).map(id => {
      const [behind] = this.router.modelsBehind(id)
      const known = behind && this.modelAt(behind)
      const released = known?.released === undefined ? Number.NaN : Date.parse(known.released)
      return {
        id,
        ownedBy: behind?.provider ?? 'sluice',
        created: Number.isNaN(released) ? 0 : Math.floor(released / 1_000),
        title: known?.name ?? id,
        embeds: isMadeFor(behind?.model ?? id, 'embeddings') === true
      }
    })
  }

  book(request: PlanRequest, target: Target): Booking | Promise<Booking> {
    return this.books.book(request, target, this.entryOf(target.account.name, target.model))
  }

  bookOwed({ grant, entry, model }: Owed, usage: Usage): number | undefined {
    return this.books.settle(grant, entry, model, usage)
  }

  releaseOwed({ grant }: Owed): void {
    if (grant !== undefined) this.books.release(grant)
  }

  inputTokens(chat: ChatRequest): number {
    return chatTokens(chat)
  }

  textTokens(model: string, texts: readonly string[]): number {
    return textTokens(texts, model)
  }

  mostOutput({ account, model }: Target): number | undefined {
    return this.modelAt({ account: account.name, model })?.maxOutputTokens
  }

  ownMostOutput({ account, model }: Target): number | undefined {
    const known = this.modelAt({ account: account.name, model })
    if (known?.maxOutputTokens === undefined || known.provider !== this.catalogName(account.name)) return undefined
    const window = known.contextTokens ?? Number.POSITIVE_INFINITY
    return known.maxOutputTokens <= window / 2 ? known.maxOutputTokens : undefined
  }

  keys(): AccountKeys[] {
    return [...this.accounts.values()].map(({ name, provider, keys }) => {
      return { account: name, provider: provider.name, keys: keys.status() }
    })
  }

  close(): void {}

  private target({ id, account, model, params }: RoutedTarget): Target | undefined {
    const opened = this.accounts.get(account)
    if (opened === undefined) return undefined
    const answered = (ms: number): void => this.timings.observe(id, ms)
    return { account: opened, model, params, answered }
  }

  private catalogName(account: string): string {
    const provider = this.accounts.get(account)?.provider
    return provider?.catalog ?? provider?.name ?? ''
  }

  /** A deployment, an inference profile … has a name that says nothing: there what clients call it counts. */
  private namesOf({ name, models }: AiProviderConfig): ReadonlyMap<string, string> {
    const provider = this.catalogName(name)
    const names = new Map<string, string>()
    for (const [called, model] of models) {
      if (names.has(model) || this.catalog.find(provider, model) !== undefined) continue
      if (this.catalog.find(provider, called) !== undefined) names.set(model, called)
    }
    return names
  }

  /** Where the catalog has a model of an account. */
  private entryOf(account: string, model: string): CatalogEntry {
    return { provider: this.catalogName(account), model: this.known.get(account)?.get(model) ?? model }
  }

  private modelAt({ account, model }: Pick<ModelAt, 'account' | 'model'>): CatalogModel | undefined {
    const entry = this.entryOf(account, model)
    return this.catalog.find(entry.provider, entry.model)
  }

  /** What a request is going to cost, micro-dollars. */
  private expected(model: ModelAt, { inputTokens, outputTokens }: Needs): number | undefined {
    const known = this.modelAt(model)
    const usage = usageOf({ input: inputTokens, output: outputTokens || USUAL_OUTPUT })
    const cost = costOf(usage, known, Date.now())
    return cost?.microDollars ?? (known && outputRate(known, Date.now(), { input: inputTokens }) === 0 ? 0 : undefined)
  }

  private unavailable({ account, model }: ModelAt): Unavailable | undefined {
    const keyMs = this.accounts.get(account)?.keys.readyInMs(model) ?? 0
    if (keyMs > 0) return { code: 'GW_AI_NO_KEY', afterMs: keyMs }
    const breaker = this.surroundings.resilience.guards.get(upstreamOf(account))?.breaker
    const now = performance.now()
    if (breaker === undefined || breaker.wouldAdmit(now)) return undefined
    return { code: 'GW_UPSTREAM_OPEN', afterMs: breaker.remainingMs(now) }
  }
}

function readers(secrets: readonly SecretConfig[]): Secrets {
  return new Map(
    secrets.map(secret => {
      const read = 'file' in secret ? async () => (await readFile(secret.file, 'utf8')).trim() : async () => secret.text
      return [secret.name, read]
    })
  )
}

function ownLedger(budgets: Config['ai']['budgets']): Ledger {
  return new LocalLedger({ rules: budgetRules(budgets) })
}

/** Tokens an answer is taken for when a price is looked for and the request sets no limit. */
const USUAL_OUTPUT = 512

/** @param known - undefined: the catalog does not know it */
function abilitiesOf(name: string, known: CatalogModel | undefined): Abilities {
  return {
    contextTokens: known?.contextTokens,
    outputTokens: known?.maxOutputTokens,
    can: need => known && can(known, need),
    does: operation => isMadeFor(name, operation)
  }
}

function can(model: CatalogModel, need: Need): boolean | undefined {
  const known = model.input.length > 0
  switch (need) {
    case 'tools':
      return model.can.tools
    case 'json':
    case 'json-schema':
      return model.can.structured
    case 'reasoning':
      return model.can.reasoning
    case 'images':
      return known ? isAble(model, 'vision') : undefined
    case 'audio':
      return known ? isAble(model, 'audio') : undefined
    case 'files':
      return known ? isAble(model, 'pdf') : undefined
    case 'image-output':
      return model.output.length > 0 ? model.output.includes('image') : undefined
    case 'audio-output':
      return model.output.length > 0 ? model.output.includes('audio') : undefined
  }
}
