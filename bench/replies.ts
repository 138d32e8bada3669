/** Bytes of every JSON reply of the bench's upstream. */
export const REPLY_BYTES = 104

/** The request header whose value the upstream repeats in its reply: proof that a policy's header arrived there. */
export const TAG_HEADER = 'x-bench-tag'

/** What the upstream answers: who answered, the tag it was sent, and how many bytes of body it received. */
export function replyBody(upstream: string, tag: string, received: number): string {
  const bare = JSON.stringify({ upstream, tag, received, pad: '' })
  return JSON.stringify({ upstream, tag, received, pad: 'x'.repeat(Math.max(0, REPLY_BYTES - bare.length)) })
}
