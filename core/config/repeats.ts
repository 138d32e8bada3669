/** Index of each value that was there before, with the index of the first. */
export function repeats(values: readonly (string | undefined)[]): [index: number, first: number][] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value)
    return value !== undefined && first < index ? [[index, first]] : []
  })
}
