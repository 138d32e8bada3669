/** One line of a scrape: the value of a series. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)",?/

/**
 * A scrape, read strictly by the rules of Prometheus' text format 0.0.4: HELP and TYPE once and before the samples, samples of a
 * family together, each series once, a histogram's buckets ascending to the count.
 * @throws Error saying which line is wrong
 */
export class Scrape {
  readonly families = new Map<string, Family & { samples: Sample[] }>()

  constructor(readonly text: string) {
    if (!text.endsWith('\n')) throw new Error('the last line does not end')
    const helps = new Map<string, string>()
    const seen = new Set<string>()
    let current: (Family & { samples: Sample[] }) | undefined
    for (const line of text.split('\n')) {
      if (line === '') continue
      const help = /^# HELP (\S+) (.+)$/.exec(line)
      const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)
      if (help !== null) {
        if (helps.has(help[1] ?? '')) throw new Error(`a second HELP: ${line}`)
        helps.set(help[1] ?? '', help[2] ?? '')
      } else if (type !== null) {
        const [, name = '', kind = ''] = type
        if (this.families.has(name)) throw new Error(`a second TYPE: ${line}`)
        current = { name, type: kind, help: helps.get(name) ?? '', samples: [] }
        this.families.set(name, current)
      } else {
        const sample = sampleOf(line)
        const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
        if (seen.has(series)) throw new Error(`a second sample of one series: ${line}`)
        seen.add(series)
        const parts = current?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
        if (current === undefined || !parts.some(part => sample.name === current?.name + part)) {
          throw new Error(`not of the family before it: ${line}`)
        }
        current.samples.push(sample)
      }
    }
    for (const family of this.families.values()) if (family.type === 'histogram') checkHistogram(family)
  }

  /** Names and labels of everything in it. */
  get series(): string[] {
    return [...this.families.values()].flatMap(({ samples }) =>
      samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`)
    )
  }

  /** The sum of the samples of that name that have these labels; undefined when there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = [...this.families.values()]
      .flatMap(({ samples }) => samples)
      .filter(
        sample => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
      )
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
  }
}

function sampleOf(line: string): Sample {
  const name = NAME.exec(line)?.[0]
  if (name === undefined) throw new Error(`no name: ${line}`)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    for (let label = LABEL.exec(rest); label !== null; label = LABEL.exec(rest)) {
      const [whole, key = '', value = ''] = label
      if (key in labels) throw new Error(`a label twice: ${line}`)
      labels[key] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
      rest = rest.slice(whole.length)
    }
    if (!rest.startsWith('}')) throw new Error(`labels that do not end: ${line}`)
    rest = rest.slice(1)
  }
  if (!/^ (?:[-+]?[0-9.e+-]+|[+-]Inf|Nan)$/.test(rest)) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(rest.trim().replace('Inf', 'Infinity')) }
}

function checkHistogram({ name, samples }: Family): void {
  const lasts = new Map<string, { bound: number; count: number }>()
  for (const sample of samples) {
    const { le, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    const last = lasts.get(key) ?? { bound: -Infinity, count: 0 }
    if (sample.name === `${name}_bucket`) {
      const bound = Number(le?.replace('Inf', 'Infinity'))
      if (!(bound > last.bound) || sample.value < last.count) throw new Error(`buckets of ${name} do not ascend`)
      lasts.set(key, { bound, count: sample.value })
    } else if (sample.name === `${name}_count` && (sample.value !== last.count || last.bound !== Infinity)) {
      throw new Error(`${name} counts ${sample.value}, its buckets ${last.count} up to ${last.bound}`)
    }
  }
}
