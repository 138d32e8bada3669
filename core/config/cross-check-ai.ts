import { aiModelProblems } from './cross-check-ai-models.js'
import { budgetProblems, catalogProblems } from './cross-check-ai-money.js'
import { aiProviderProblems, type ProviderFacts } from './cross-check-ai-providers.js'
import type { CrossProblem, View } from './cross-check-view.js'

export type { ProviderFacts } from './cross-check-ai-providers.js'

/** What accounts and virtual models say that does not fit each other, their providers or the secrets. */
export function aiProblems(view: View, providers: readonly ProviderFacts[]): CrossProblem[] {
  return [
    ...aiProviderProblems(view, providers),
    ...aiModelProblems(view),
    ...budgetProblems(view.value, ['ai', 'budgets']),
    ...catalogProblems(view.value, ['ai', 'catalog', 'models'])
  ]
}
