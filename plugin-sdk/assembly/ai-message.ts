import { ContentPartWriter, MessageWriter, ToolCallWriter } from './gen/policy'

/** A message for a prompt or in place of an answer: `AiMessage.system('Answer in German.')`. */
@final
export class AiMessage extends MessageWriter {
  static system(text: string): AiMessage {
    return AiMessage.of('system', text)
  }

  static user(text: string): AiMessage {
    return AiMessage.of('user', text)
  }

  static assistant(text: string): AiMessage {
    return AiMessage.of('assistant', text)
  }

  /** What a tool answered to the call `callId`. */
  static tool(callId: string, text: string): AiMessage {
    const message = AiMessage.of('tool', text)
    message.toolCallId = callId
    return message
  }

  /** A message of any role; without text it has no content yet. */
  static of(role: string, text: string = ''): AiMessage {
    const message = new AiMessage()
    message.role = role
    return text.length > 0 ? message.part('text', text) : message
  }

  /** Adds a part: "text", "thinking" or "refusal" with its text; "image", "audio" or "file" with its URL. */
  part(type: string, text: string, url: string = '', mediaType: string = ''): AiMessage {
    const part = new ContentPartWriter()
    part.type = type
    part.text = text
    part.url = url
    part.mediaType = mediaType
    let content = this.content
    if (content === null) this.content = content = []
    content.push(part)
    return this
  }

  /** Adds a tool call; `json` is its arguments. */
  call(id: string, name: string, json: string): AiMessage {
    const call = new ToolCallWriter()
    call.id = id
    call.name = name
    call.arguments = json
    let calls = this.toolCalls
    if (calls === null) this.toolCalls = calls = []
    calls.push(call)
    return this
  }

  setName(name: string): AiMessage {
    this.name = name
    return this
  }
}
