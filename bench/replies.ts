/** Bytes of every JSON reply of the bench's upstream. */
export const REPLY_BYTES = 104

/** Replies of a size: what comes below this path, followed by a number of bytes. */
export const SIZED_PATH = '/size/'

/** The query that asks for a reply whose head is like no other. */
export const VARIED = 'varied'

/** A reply of so many bytes, as text that does not repeat quickly. */
export function sizedBody(bytes: number): string {
  let text = ''
  for (let i = 0; text.length < bytes; i++) text += `${i * 2_654_435_761} `
  return text.slice(0, bytes)
}

/** The request header whose value the upstream repeats in its reply: proof that a policy's header arrived there. */
export const TAG_HEADER = 'x-bench-tag'

/** What the upstream answers: who answered, the tag it was sent, and how many bytes of body it received. */
export function replyBody(upstream: string, tag: string, received: number): string {
  const bare = JSON.stringify({ upstream, tag, received, pad: '' })
  return JSON.stringify({ upstream, tag, received, pad: 'x'.repeat(Math.max(0, REPLY_BYTES - bare.length)) })
}
