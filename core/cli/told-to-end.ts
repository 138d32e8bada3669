/**
 * Asked for before a command says that it is ready: who reads that may end it at once.
 * @returns the first SIGTERM or SIGINT; a second one ends the process there and then, with 1
 */
export function toldToEnd(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let told = false
    const hear = (signal: NodeJS.Signals): void => {
      if (told) process.exit(1)
      told = true
      resolve(signal)
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
  })
}
