import type { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { Letter, Outbox } from './outbox.js'
import { signed } from './signature.js'

/** How a message ended, or did not get in. Kept: the next process sends it. */
export type Delivery = 'delivered' | 'failed' | 'dropped' | 'kept'

/** Who is to have messages. */
export interface Receiver {
  readonly url: string
  readonly key: Buffer
}

export interface WebhookOptions {
  /** Hears of each message once. `reason` says why it did not arrive, in words for the log, without the address. */
  readonly ended: (delivery: Delivery, id: string, reason: string) => void
  /** Asked each time; undefined: messages are lost with the process. */
  readonly outbox?: () => Outbox | undefined
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

/** How long the end waits for attempts under way. */
const GRACE_MS = 2_000
const ENDING = 'the gateway is ending'
const NOBODY = 'there is no webhook any more'

interface Message {
  readonly letter: Letter
  attempts: number
}

/**
 * Sends messages to a webhook, signed by Standard Webhooks. Nobody waits for it: messages are queued, and tried again with growing waits. The id of a
 * message is the same in every attempt, so a receiver can tell that it has it. 410 Gone is final; so is the last attempt.
 */
export class Webhook {
  private readonly queue: Message[] = []
  private readonly waiting = new Map<Message, () => void>()
  private readonly sending = new Set<Message>()
  private to: Receiver | undefined
  private closed = false
  /** Called when no attempt is under way any more. */
  private idle: () => void = () => undefined
  private readonly post: Post
  private readonly now: () => number
  private readonly after: (ms: number, run: () => void) => () => void

  constructor(private readonly options: WebhookOptions) {
    this.post = options.post ?? postOnce
    this.now = options.now ?? Date.now
    this.after = options.after ?? later
  }

  /** Who has messages from now on, also those that wait; undefined: nobody. */
  direct(to: Receiver | undefined): void {
    this.to = to
    if (to === undefined) for (const message of this.stopped()) this.end('dropped', message, NOBODY)
  }

  /** @param payload - sent as JSON. Where nobody is to have it nothing is done. */
  send(payload: object): void {
    if (this.to === undefined) return
    const message = { letter: { id: `msg_${randomUUID()}`, body: JSON.stringify(payload) }, attempts: 0 }
    if (this.closed || this.queue.length + this.waiting.size >= MOST_WAITING) {
      this.end('dropped', message, this.closed ? ENDING : 'too many messages wait')
    } else {
      this.options.outbox?.()?.keep(message.letter)
      this.queue.push(message)
      this.next()
    }
  }

  /** Goes on with messages that an earlier process has kept: at once, then with the same waits as others. */
  resume(letters: Iterable<Letter>): void {
    for (const letter of letters) {
      const message = { letter, attempts: 0 }
      if (this.to === undefined) this.end('dropped', message, NOBODY)
      else this.queue.push(message)
    }
    this.next()
  }

  /** Messages that wait or are on their way. */
  get pending(): readonly Letter[] {
    return [...this.sending, ...this.waiting.keys(), ...this.queue].map(({ letter }) => letter)
  }

  /** Nothing is tried again; attempts under way have a moment to end. */
  async close(): Promise<void> {
    this.closed = true
    for (const message of this.stopped()) this.leave(message, ENDING)
    if (this.sending.size === 0) return
    await new Promise<void>(resolve => {
      const callOff = this.after(GRACE_MS, resolve)
      this.idle = () => {
        callOff()
        resolve()
      }
    })
  }

  /** Takes out all that is not on its way. */
  private stopped(): readonly Message[] {
    for (const callOff of this.waiting.values()) callOff()
    const all = [...this.waiting.keys(), ...this.queue.splice(0)]
    this.waiting.clear()
    return all
  }

  private next(): void {
    const { to } = this
    while (to !== undefined && this.sending.size < MOST_AT_ONCE) {
      const message = this.queue.shift()
      if (message === undefined) return
      this.sending.add(message)
      void this.attempt(message, to).finally(() => {
        this.sending.delete(message)
        if (this.sending.size === 0) this.idle()
        this.next()
      })
    }
  }

  private async attempt(message: Message, { url, key }: Receiver): Promise<void> {
    const { id, body } = message.letter
    const timestamp = Math.floor(this.now() / 1_000)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signed(key, id, timestamp, body)
    }
    message.attempts++
    let reason: string
    try {
      const status = await this.post(url, headers, body)
      if (status >= 200 && status < 300) {
        this.end('delivered', message, '')
        return
      }
      reason = `status ${status}`
      if (status === 410) {
        this.end('failed', message, reason)
        return
      }
    } catch (thrown) {
      reason = thrown instanceof Error ? (causeOf(thrown) ?? thrown.message) : String(thrown)
    }
    this.again(message, reason)
  }

  private again(message: Message, reason: string): void {
    const wait = WAITS_MS[message.attempts - 1]
    if (wait === undefined || this.to === undefined) {
      this.end('failed', message, reason)
      return
    }
    if (this.closed) {
      this.leave(message, reason)
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

  private end(delivery: Delivery, { letter }: Message, reason: string): void {
    this.options.outbox?.()?.done(letter)
    this.options.ended(delivery, letter.id, reason)
  }

  /** It has not arrived when the process ends. */
  private leave({ letter }: Message, reason: string): void {
    this.options.ended(this.options.outbox?.() === undefined ? 'failed' : 'kept', letter.id, reason)
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
