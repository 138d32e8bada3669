import { Elements } from './elements'
import { ContentPartReader, MessageReader, ToolCallReader, ToolReader, UsageReader } from './gen/policy'
import { Json } from './json'

/** One part of a message's content. */
@final
export class PartView {
  constructor(private readonly part: ContentPartReader) {}

  /** "text", "image", "audio", "file", "thinking" or "refusal". */
  get type(): string {
    return this.part.type.text
  }

  get isText(): bool {
    return this.part.type.equals('text')
  }

  /** Of a file its name. */
  get text(): string {
    return this.part.text.text
  }

  /** Image, audio, file: where it is; of a data: URL only what stands before the data. */
  get url(): string {
    return this.part.url.text
  }

  get mediaType(): string {
    return this.part.mediaType.text
  }
}

/** A tool the model wants to be called. */
@final
export class CallView {
  constructor(private readonly call: ToolCallReader) {}

  get id(): string {
    return this.call.id.text
  }

  /** Name of the tool. */
  get name(): string {
    return this.call.name.text
  }

  /** JSON, as the model wrote it: it may be malformed. */
  get argumentsText(): string {
    return this.call.arguments.text
  }

  /** A value that is MISSING when the model wrote no JSON. */
  arguments(): Json {
    return Json.readAt(this.call.arguments.at, this.call.arguments.size)
  }
}

/** A message of a prompt or an answer. */
@final
export class MessageView {
  readonly content: Elements<PartView, ContentPartReader>
  readonly toolCalls: Elements<CallView, ToolCallReader>

  constructor(private readonly message: MessageReader) {
    this.content = new Elements<PartView, ContentPartReader>(message.content)
    this.toolCalls = new Elements<CallView, ToolCallReader>(message.toolCalls)
  }

  /** "system", "developer", "user", "assistant" or "tool". */
  get role(): string {
    return this.message.role.text
  }

  get name(): string {
    return this.message.name.text
  }

  /** Role "tool": the id of the call it answers. */
  get toolCallId(): string {
    return this.message.toolCallId.text
  }

  /** The texts of its text parts, one after the other. */
  get text(): string {
    const content = this.content
    let text = ''
    for (let i = 0; i < content.length; i++) {
      const part = content.at(i)
      if (part.isText) text += part.text
    }
    return text
  }
}

/** A tool the client offers to the model. */
@final
export class ToolView {
  constructor(private readonly tool: ToolReader) {}

  get name(): string {
    return this.tool.name.text
  }

  get description(): string {
    return this.tool.description.text
  }

  /** JSON Schema of its arguments. */
  get parametersText(): string {
    return this.tool.parameters.text
  }

  /** A value that is MISSING when there is none. */
  parameters(): Json {
    return Json.readAt(this.tool.parameters.at, this.tool.parameters.size)
  }
}

/** Tokens and what they cost. */
@final
export class UsageView {
  constructor(private readonly usage: UsageReader) {}

  /** All of the input, with what was read from and written to a cache. */
  get inputTokens(): i64 {
    return <i64>this.usage.inputTokens
  }

  /** All of the output, with reasoning. */
  get outputTokens(): i64 {
    return <i64>this.usage.outputTokens
  }

  get cacheReadTokens(): i64 {
    return <i64>this.usage.cacheReadTokens
  }

  get cacheWriteTokens(): i64 {
    return <i64>this.usage.cacheWriteTokens
  }

  get reasoningTokens(): i64 {
    return <i64>this.usage.reasoningTokens
  }

  /** Millionths of a dollar; 0 when no price is known. */
  get costMicroDollars(): i64 {
    return <i64>this.usage.costMicroDollars
  }

  /** Counted by the gateway: the provider did not say. */
  get estimated(): bool {
    return this.usage.estimated
  }
}
