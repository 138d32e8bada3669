import type { Reading } from './registry.js'

/** Numbers that are counted up while something lasts, by route. They live as long as the process. */
export class RouteCells<Cells extends { open: number }> {
  private readonly routes = new Map<string, Cells>()

  /** @param zero - makes those of a route that had none */
  constructor(private readonly zero: () => Cells) {}

  of(route: string): Cells {
    let cells = this.routes.get(route)
    if (cells === undefined) {
      cells = this.zero()
      this.routes.set(route, cells)
    }
    return cells
  }

  /** How many last, of each route. */
  readonly open = (): Reading[] => [...this.routes].map(([route, { open }]) => ({ labels: { route }, value: open }))

  /** Of each route what came from clients, and what went to them. */
  both(read: (cells: Cells) => readonly [number, number]): () => Reading[] {
    return () =>
      [...this.routes].flatMap(([route, cells]) => {
        const [fromClient, toClient] = read(cells)
        return [
          { labels: { route, direction: 'in' }, value: fromClient },
          { labels: { route, direction: 'out' }, value: toClient }
        ]
      })
  }
}
