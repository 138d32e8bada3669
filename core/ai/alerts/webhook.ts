import type { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { signed } from './signature.js'

/** How a message ended, or did not get in. */
export type Delivery = 'delivered' | 'failed' | 'dropped'

export interface WebhookOptions {
  readonly url: string
  readonly key: Buffer
  /** Hears of each message once. `reason` says why it did not arrive, in words for the log, without the address. */
  readonly ended: (delivery: Delivery, id: string, reason: string) => void
  readonly post?: Post
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Runs something later; what is returned calls it off. */
  readonly after?: (ms: number, run: () => void) => () => void
}

/** Sends one attempt. @returns the status @throws when there is no answer */
export type Post = (url: string, headers: Record<string, string>, body: string) => Promise<number>

/** Before each further attempt: the schedule Standard Webhooks recommends, up to where an alert is old. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000]
/** Messages that wait; more are dropped, and counted. */
const MOST_WAITING = 1_000
/** Attempts at a time. */
const MOST_AT_ONCE = 4
const TIMEOUT_MS = 10_000

interface Message {
  readonly id: string
  readonly body: string
  attempts: number
}

/**
 * Sends messages to a webhook, signed by Standard Webhooks. Nobody waits for it: messages are queued, and tried again with growing waits. The id of a
 * message is the same in every attempt, so a receiver can tell that it has it. 410 Gone is final; so is the last attempt.
 */
export class Webhook {
  private readonly queue: Message[] = []
  private readonly waiting = new Map<Message, () => void>()
  private sending = 0
  private closed = false
  private readonly post: Post
  private readonly now: () => number
  private readonly after: (ms: number, run: () => void) => () => void

  constructor(private readonly options: WebhookOptions) {
    this.post = options.post ?? postOnce
    this.now = options.now ?? Date.now
    this.after = options.after ?? later
  }

  /** @param payload - sent as JSON @returns the message's id */
  send(payload: object): string {
    const message = { id: `msg_${randomUUID()}`, body: JSON.stringify(payload), attempts: 0 }
    if (this.closed || this.queue.length + this.waiting.size >= MOST_WAITING) {
      this.options.ended('dropped', message.id, this.closed ? 'the gateway is ending' : 'too many messages wait')
    } else {
      this.queue.push(message)
      this.next()
    }
    return message.id
  }

  /** Messages that wait or are on their way. */
  get pending(): number {
    return this.queue.length + this.waiting.size + this.sending
  }

  /** Attempts under way go on; nothing is tried again. */
  close(): void {
    this.closed = true
    for (const [message, callOff] of this.waiting) {
      callOff()
      this.options.ended('failed', message.id, 'the gateway is ending')
    }
    this.waiting.clear()
    for (const message of this.queue.splice(0)) this.options.ended('failed', message.id, 'the gateway is ending')
  }

  private next(): void {
    while (this.sending < MOST_AT_ONCE) {
      const message = this.queue.shift()
      if (message === undefined) return
      this.sending++
      void this.attempt(message).finally(() => {
        this.sending--
        this.next()
      })
    }
  }

  private async attempt(message: Message): Promise<void> {
    const timestamp = Math.floor(this.now() / 1_000)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signed(this.options.key, message.id, timestamp, message.body)
    }
    message.attempts++
    let reason: string
    try {
      const status = await this.post(this.options.url, headers, message.body)
      if (status >= 200 && status < 300) {
        this.options.ended('delivered', message.id, '')
        return
      }
      reason = `status ${status}`
      if (status === 410) {
        this.options.ended('failed', message.id, reason)
        return
      }
    } catch (thrown) {
      reason = thrown instanceof Error ? (causeOf(thrown) ?? thrown.message) : String(thrown)
    }
    this.again(message, reason)
  }

  private again(message: Message, reason: string): void {
    const wait = WAITS_MS[message.attempts - 1]
    if (this.closed || wait === undefined) {
      this.options.ended('failed', message.id, reason)
      return
    }
    // Some of them a little later, so that what failed together does not come back together.
    const callOff = this.after(wait * (1 + Math.random() * 0.2), () => {
      this.waiting.delete(message)
      this.queue.push(message)
      this.next()
    })
    this.waiting.set(message, callOff)
  }
}

/** A receiver that sends elsewhere is wrong: a redirect is an answer like another. */
async function postOnce(url: string, headers: Record<string, string>, body: string): Promise<number> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const reply = await fetch(url, { method: 'POST', redirect: 'manual', signal, headers, body })
  await reply.body?.cancel()
  return reply.status
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** fetch hides the reason in a cause. */
function causeOf(error: Error): string | undefined {
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : undefined
}
