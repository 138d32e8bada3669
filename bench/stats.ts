/** Median, least and greatest of some figures. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @returns undefined when there are no figures */
export function spread(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.ceil((sorted.length - 1) / 2)]
  const min = sorted[0]
  const max = sorted.at(-1)
  if (low === undefined || high === undefined || min === undefined || max === undefined) return undefined
  return { median: (low + high) / 2, min, max }
}

/** `figure` of every round in which both took part, and nothing of the others: only side-by-side runs compare. */
export function paired<T>(
  rounds: readonly (T | undefined)[],
  reference: readonly (T | undefined)[],
  figure: (own: T, other: T) => number
): Spread | undefined {
  const figures: number[] = []
  rounds.forEach((own, round) => {
    const other = reference[round]
    if (own !== undefined && other !== undefined) figures.push(figure(own, other))
  })
  return spread(figures)
}
