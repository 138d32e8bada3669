export function newPlugin(name: string, parent: string): void {
  throw new Error(name + parent)
}
