/** What came is no HTTP/1.1, or more of it than is taken. */
export class BadReply extends Error {
  readonly code = 'SLUICE_BAD_REPLY'
}

/** The connection ended, or has to end, before the reply was whole. */
export class BrokenOff extends Error {
  readonly code = 'SLUICE_BROKEN_OFF'
}
