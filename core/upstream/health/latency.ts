import type { PassiveConfig } from '../../config/resolve-upstream.js'

/**
 * Which of several targets answer much later than the others: the median of its response times against the median of the
 * others' medians.
 * @param samples - response times of each target since the last comparison, milliseconds
 * @returns indexes
 */
export function latencyOutliers(
  samples: readonly (readonly number[])[],
  { factor, atLeastMs, requests }: NonNullable<PassiveConfig['latency']>
): number[] {
  const medians = samples.map(each => (each.length < requests ? undefined : median(each)))
  return medians.flatMap((own, i) => {
    const others = medians.filter((each, j) => j !== i && each !== undefined).flatMap(each => each ?? [])
    if (own === undefined || others.length === 0) return []
    const usual = median(others)
    return own > usual * factor && own >= usual + atLeastMs ? [i] : []
  })
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
