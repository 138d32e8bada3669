import { CallView, MessageView, ToolView, UsageView } from './ai-views'
import { ContextView } from './context'
import { Elements } from './elements'
import {
  ChoiceReader,
  CompletionInputReader,
  DeltaInputReader,
  MessageReader,
  PromptInputReader,
  ToolCallInputReader,
  ToolReader,
  UsageInputReader
} from './gen/policy'
import { Json } from './json'
import { RequestView } from './request'
import { Span } from './wire'

/** What the client asks of the model, as on_prompt sees it: in OpenAI's shapes, whatever dialect it speaks. */
@final
export class PromptView extends ContextView {
  /** The request it came with; it has no body. */
  readonly request: RequestView
  readonly messages: Elements<MessageView, MessageReader>
  readonly tools: Elements<ToolView, ToolReader>

  constructor(private readonly input: PromptInputReader) {
    super(input.context)
    this.request = new RequestView(input.context, input.request, new Span())
    this.messages = new Elements<MessageView, MessageReader>(input.prompt.messages)
    this.tools = new Elements<ToolView, ToolReader>(input.prompt.tools)
  }

  /** "chat", "completion", "embedding", "image", "speech", "transcription", "rerank" or "moderation". */
  get operation(): string {
    return this.input.prompt.operation.text
  }

  /**
   * Whether a model is talked to. All else (embeddings, a ranking, images, speech, what is moderated) has texts, each a message of a user, which can be
   * replaced; messages and tools cannot be added.
   */
  get isChat(): bool {
    const operation = this.input.prompt.operation
    return operation.size == 0 || operation.equals('chat') || operation.equals('completion')
  }

  /** As the client named it; it may be virtual. */
  get model(): string {
    return this.input.prompt.model.text
  }

  /** Everything else of the request, such as temperature and max_tokens; a value that is MISSING when there is nothing. */
  parameters(): Json {
    const text = this.input.prompt.parameters
    return Json.readAt(text.at, text.size)
  }

  get parametersText(): string {
    return this.input.prompt.parameters.text
  }

  /** Whether the client wants a stream. */
  get stream(): bool {
    return this.input.prompt.stream
  }

  /** Tokens of the input as the host counted them; 0 when it did not. */
  get estimatedTokens(): i32 {
    return <i32>this.input.prompt.estimatedTokens
  }
}

/** One whole event of a stream, as on_delta sees it. */
@final
export class DeltaView extends ContextView {
  constructor(private readonly input: DeltaInputReader) {
    super(input.context)
  }

  /** Which of the choices it belongs to. */
  get index(): i32 {
    return <i32>this.input.index
  }

  /** Which event of its stream it is, from 0. */
  get sequence(): i32 {
    return <i32>this.input.sequence
  }

  /** New text of the answer. */
  get text(): string {
    return this.input.text.text
  }

  /** New text of the reasoning. */
  get thinking(): string {
    return this.input.thinking.text
  }

  get refusal(): string {
    return this.input.refusal.text
  }

  /** What this plugin held back from earlier events: it stands before `text`. */
  get held(): string {
    return this.input.held.text
  }

  /** What was held back and what is new: the text that is this plugin's to let go. */
  get pending(): string {
    return this.input.held.text + this.input.text.text
  }

  /** No more text comes for this choice: what is held must go out or be dropped. */
  get last(): bool {
    return this.input.last
  }

  /** Why the answer ended, with `last`: "stop", "length", "tool_calls", "content_filter" or "error"; else "". */
  get finishReason(): string {
    return this.input.finishReason.text
  }

  /** Nothing has come for as long as setHold said: there is only what is held. */
  get late(): bool {
    return this.input.late
  }
}

/** A tool call of the model, whole, as on_tool_call sees it before the client gets it. */
@final
export class ToolCallView extends ContextView {
  readonly call: CallView

  constructor(private readonly input: ToolCallInputReader) {
    super(input.context)
    this.call = new CallView(input.call)
  }

  /** Which of the choices it belongs to. */
  get index(): i32 {
    return <i32>this.input.index
  }
}

/** One of the answers of a model. */
@final
export class ChoiceView {
  readonly message: MessageView

  constructor(private readonly choice: ChoiceReader) {
    this.message = new MessageView(choice.message)
  }

  /** "stop", "length", "tool_calls", "content_filter" or "error". */
  get finishReason(): string {
    return this.choice.finishReason.text
  }
}

/** The whole answer of a model, as on_completion sees it. */
@final
export class CompletionView extends ContextView {
  readonly choices: Elements<ChoiceView, ChoiceReader>
  readonly usage: UsageView

  constructor(private readonly input: CompletionInputReader) {
    super(input.context)
    this.choices = new Elements<ChoiceView, ChoiceReader>(input.choices)
    this.usage = new UsageView(input.usage)
  }

  get provider(): string {
    return this.input.provider.text
  }

  /** The model that answered. */
  get model(): string {
    return this.input.model.text
  }

  /** The client has it already: a verdict can only tag and log. */
  get streamed(): bool {
    return this.input.streamed
  }
}

/** What an exchange used, as on_usage sees it: once, when it is known. */
@final
export class UsedView extends ContextView {
  readonly usage: UsageView

  constructor(private readonly input: UsageInputReader) {
    super(input.context)
    this.usage = new UsageView(input.usage)
  }

  get provider(): string {
    return this.input.provider.text
  }

  /** The model that answered. */
  get model(): string {
    return this.input.model.text
  }
}
