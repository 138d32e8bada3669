/** How long the parts of one exchange took, milliseconds. Kept only where somebody asks. */
export class Times {
  /** In each policy, by its place in the route; no entry: it did not run. */
  readonly policies: (number | undefined)[] = []
  /** The policy phases as the exchange saw them: the hop to the plugin thread and the waiting for it included. */
  request: number | undefined
  response: number | undefined
  /** From sending the request on to the head of the reply. */
  upstream: number | undefined

  /** A policy ran; those with several hooks run several times. */
  policy(place: number, ms: number): void {
    this.policies[place] = (this.policies[place] ?? 0) + ms
  }

  phase(which: 'request' | 'response', ms: number): void {
    this[which] = (this[which] ?? 0) + ms
  }
}
