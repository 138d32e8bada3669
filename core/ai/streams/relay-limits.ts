/** How far a stream may go. */
export interface RelayLimits {
  /** The whole stream, milliseconds and bytes of the provider. */
  readonly maxMs: number
  readonly maxBytes: number
  /** How long the head may wait for the first event of the answer: milliseconds, bytes. */
  readonly holdMs: number
  readonly holdBytes: number
  /** Milliseconds without a byte after which the client gets a sign of life; 0: never. */
  readonly heartbeatMs: number
  /** When the client goes: how much longer the provider is listened to, for its usage; 0: not at all. */
  readonly drainMs: number
  readonly drainBytes: number
}
