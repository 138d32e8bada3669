/** Which statuses of a reply are meant; all of them when none is named. */
@final
export class Statuses {
  private readonly first: i32[] = []
  private readonly last: i32[] = []

  /** `names` are such as "200" or "2xx", already checked. */
  fill(names: string[]): void {
    for (let i = 0; i < names.length; i++) {
      const isClass = names[i].endsWith('xx')
      const from = isClass ? <i32>parseInt(names[i].charAt(0)) * 100 : <i32>parseInt(names[i])
      this.first.push(from)
      this.last.push(isClass ? from + 99 : from)
    }
  }

  has(status: i32): bool {
    for (let i = 0; i < this.first.length; i++) if (status >= this.first[i] && status <= this.last[i]) return true
    return this.first.length == 0
  }
}
