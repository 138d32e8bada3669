import type { AiProviderConfig } from '../../config/resolve-ai-providers.js'
import type { ModelAt } from './target.js'

/** Whether the catalog knows a model of the account's provider by this name. */
export type InCatalog = (account: AiProviderConfig, model: string) => boolean

/**
 * The models a name stands for that is not a virtual model's, in the order they are to be asked; empty: there is none.
 *
 * 1. "account/model", where there is such an account: that model there, known or not, unless the account has `onlyModels`.
 * 2. A name that accounts have in their `models`: at each of them, in the order of the file.
 * 3. A name that the catalog has for the providers of accounts without `onlyModels`: at each of them.
 */
export function modelsNamed(name: string, accounts: readonly AiProviderConfig[], inCatalog: InCatalog): ModelAt[] {
  const slash = name.indexOf('/')
  const account = slash === -1 ? undefined : accounts.find(each => each.name === name.slice(0, slash))
  if (account !== undefined) {
    const model = name.slice(slash + 1)
    const offered = account.models.has(model) || !account.onlyModels
    return offered && model !== '' ? [modelAt(account, model)] : []
  }
  const having = accounts.filter(({ models }) => models.has(name))
  if (having.length > 0) return having.map(each => modelAt(each, name))
  return accounts.filter(each => !each.onlyModels && inCatalog(each, name)).map(each => modelAt(each, name))
}

function modelAt({ name, provider, region, models }: AiProviderConfig, model: string): ModelAt {
  return { account: name, provider, model: models.get(model) ?? model, region }
}
