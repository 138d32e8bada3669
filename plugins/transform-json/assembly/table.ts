import { JsonTree, Settings } from '@sluice/plugin-sdk/assembly'

/** What values become which. */
@final
export class Table {
  private readonly values: Map<string, JsonTree> = new Map<string, JsonTree>()
  private otherwise: JsonTree | null = null

  /** From "values" and "otherwise" of an operation. */
  constructor(settings: Settings) {
    const values = settings.object('values')
    const names = values.names()
    for (let i = 0; i < names.length; i++) this.values.set(names[i], JsonTree.from(values.json.get(names[i])))
    if (settings.has('otherwise')) this.otherwise = JsonTree.from(settings.json.get('otherwise'))
  }

  /** What a value becomes; null when it stays. Text is looked up as it is, all else as JSON writes it. */
  find(value: JsonTree): JsonTree | null {
    if (!value.isObject && !value.isArray) {
      const text = value.text
      if (this.values.has(text)) return this.values.get(text).copy()
    }
    const otherwise = this.otherwise
    return otherwise === null ? null : otherwise.copy()
  }
}
