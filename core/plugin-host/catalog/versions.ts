/** Orders versions as semver.org §11 does: negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a)
  const [coreB, preB] = split(b)
  const core = compareLists(coreA, coreB)
  if (core !== 0) return core
  // A version without a tail is newer than each of its previews.
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length
  return compareLists(preA, preB)
}

/** Whether a version is a preview (1.0.0-rc.1), which nobody gets without asking for it. */
export function isPreview(version: string): boolean {
  return version.includes('-')
}

function split(version: string): [core: string[], preview: string[]] {
  const dash = version.indexOf('-')
  if (dash < 0) return [version.split('.'), []]
  return [version.slice(0, dash).split('.'), version.slice(dash + 1).split('.')]
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = comparePart(a[i] ?? '', b[i] ?? '')
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers by value, and before words; words by their characters. */
function comparePart(a: string, b: string): number {
  const [numberA, numberB] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)]
  if (numberA !== numberB) return numberA ? -1 : 1
  if (numberA) {
    const difference = BigInt(a) - BigInt(b)
    return difference === 0n ? 0 : difference < 0n ? -1 : 1
  }
  return a === b ? 0 : a < b ? -1 : 1
}
