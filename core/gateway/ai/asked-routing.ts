import { conversationKey, needsOf } from '../../ai/routing/needs.js'
import { type Needs, RequestFacts, type RoutingRequest } from '../../ai/routing/request.js'
import { header } from '../../base/headers.js'
import { metadataOf } from './metadata.js'
import { parametersOf } from './plugin-messages.js'
import type { PlanRequest } from './runtime.js'

/** What virtual models go by, of a request whose chat is read when one of them asks. */
export class AskedRouting extends RequestFacts implements RoutingRequest {
  private params: Readonly<Record<string, unknown>> | undefined

  constructor(private readonly request: PlanRequest) {
    super(request)
  }

  param(name: string): unknown {
    if (this.params === undefined) {
      const chat = this.request.chat()
      this.params = chat === undefined ? {} : { ...parametersOf(chat), reasoning_effort: chat.reasoning?.effort }
    }
    return this.params[name]
  }

  metadata(name: string): string | undefined {
    return metadataOf(this.headers, this.request.chat(), name)
  }

  claim(name: string): unknown {
    return header(this.tags, `claim.${name}`) ?? header(this.tags, name)
  }

  needs(): Needs {
    const chat = this.request.chat()
    if (chat === undefined) return { inputTokens: this.request.inputTokens, outputTokens: 0, has: new Set() }
    return needsOf(chat, this.request.inputTokens)
  }

  conversation(): string | undefined {
    const chat = this.request.chat()
    return chat && conversationKey(chat, this.consumer)
  }
}
