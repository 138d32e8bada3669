import type { PricedModel } from './price-list.js'

/** The rules of one provider: names stated in full first, then the first rule that matches. */
export class PriceRules<T> {
  readonly models: T[] = []
  private readonly names = new Map<string, T>()
  private readonly rules: { readonly matches: (name: string) => boolean; readonly model: T }[] = []

  add({ id, aliases, matches }: PricedModel, model: T): void {
    this.models.push(model)
    for (const name of [id.toLowerCase(), ...aliases]) if (!this.names.has(name)) this.names.set(name, model)
    if (matches !== undefined) this.rules.push({ matches, model })
  }

  /** @param name - in small letters */
  find(name: string): T | undefined {
    return this.names.get(name) ?? this.rules.find(({ matches }) => matches(name))?.model
  }
}
