/**
 * Asked for before a command says that it is ready: who reads that may end it at once.
 * @param again - ends the process there and then: a second signal came
 * @returns the first SIGTERM or SIGINT
 */
export function toldToEnd(again: () => unknown = () => process.exit(1)): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let told = false
    const hear = (signal: NodeJS.Signals): void => {
      if (told) again()
      told = true
      resolve(signal)
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
  })
}
