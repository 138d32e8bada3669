import { AiMessage } from './ai-message'
import { Effect } from './effect'
import { AiVerdictWriter, MessageEditOp, MessageEditWriter, ToolWriter } from './gen/policy'
import { Json } from './json'
import { Verdict } from './verdict'

/**
 * What an AI hook decides. Begin with next(), deny(), of(), text(), hold(), drop() or stop(), then chain:
 * `AiVerdict.next().setModel("fast").tag("downgraded", "yes")`.
 */
@final
export class AiVerdict extends AiVerdictWriter {
  /** Goes on; unchanged unless something is chained to it. */
  static next(): AiVerdict {
    return new AiVerdict()
  }

  /** Answers the client with an error in its dialect. */
  static deny(status: i32, detail: string): AiVerdict {
    return AiVerdict.of(Verdict.deny(status, detail))
  }

  /** What a Verdict says: reply, tags, consumer, state, bag and effects count. */
  static of(verdict: Verdict): AiVerdict {
    const answer = new AiVerdict()
    answer.verdict = verdict
    return answer
  }

  /** on_delta: `text` goes out now, in place of what was held and what is new. */
  static text(text: string): AiVerdict {
    return new AiVerdict().setText(text)
  }

  /** on_delta: nothing goes out; `text` is held back and comes again with the next event, or after `ms` of silence. */
  static hold(text: string, ms: i32 = 0): AiVerdict {
    return new AiVerdict().setText('').setHold(text, ms)
  }

  /** on_delta, on_tool_call: the client does not get it. */
  static drop(): AiVerdict {
    const answer = new AiVerdict()
    answer.drop = true
    return answer
  }

  /** on_delta: ends the choice with finish_reason "content_filter"; `text` goes out before. Other choices of the answer go on. */
  static stop(text: string = ''): AiVerdict {
    const answer = new AiVerdict().setText(text)
    answer.stop = true
    return answer
  }

  /** on_prompt: another model, or a virtual one. */
  setModel(model: string): AiVerdict {
    this.model = model
    return this
  }

  /** on_prompt: a JSON object that is merged over the parameters (RFC 7396): null drops one. */
  setParameters(patch: Json): AiVerdict {
    this.parameters = patch.toString()
    return this
  }

  /** on_prompt, on_completion: puts `message` in the place of message (or choice) `at`. */
  replaceMessage(at: i32, message: AiMessage): AiVerdict {
    return this.edit(MessageEditOp.REPLACE, at, message)
  }

  /** on_completion: puts `message` in the place of choice `at`, which has ended with "content_filter". Other choices end as they did. */
  stopChoice(at: i32, message: AiMessage): AiVerdict {
    return this.edit(MessageEditOp.REPLACE, at, message, true)
  }

  /** on_prompt: puts `message` before message `at`; at the end when `at` is their number. Edits are applied in order. */
  insertMessage(at: i32, message: AiMessage): AiVerdict {
    return this.edit(MessageEditOp.INSERT, at, message)
  }

  /** on_prompt: drops message `at`. */
  removeMessage(at: i32): AiVerdict {
    return this.edit(MessageEditOp.REMOVE, at, null)
  }

  /** on_prompt: the model is not offered the tool of that name. */
  removeTool(name: string): AiVerdict {
    let names = this.removeTools
    if (names === null) this.removeTools = names = []
    names.push(name)
    return this
  }

  /** on_prompt: offers one more tool; `parameters` is a JSON Schema. */
  addTool(name: string, description: string, parameters: Json): AiVerdict {
    const tool = new ToolWriter()
    tool.name = name
    tool.description = description
    tool.parameters = parameters.toString()
    let tools = this.addTools
    if (tools === null) this.addTools = tools = []
    tools.push(tool)
    return this
  }

  /** on_delta: what goes out in place of what was held and what is new. */
  setText(text: string): AiVerdict {
    this.text = text
    return this
  }

  /**
   * on_delta: what is held back, beside what goes out.
   * @param ms - the hook is called again (`late`) when nothing has come for so long; 0: only with the next event
   */
  setHold(text: string, ms: i32 = 0): AiVerdict {
    this.hold = text
    this.holdMs = <u32>ms
    return this
  }

  /** on_completion: all choices that this verdict replaces have ended with "content_filter"; one alone: stopChoice(). */
  setStop(): AiVerdict {
    this.stop = true
    return this
  }

  /** on_tool_call: other arguments. */
  setArguments(json: Json): AiVerdict {
    return this.setArgumentsText(json.toString())
  }

  setArgumentsText(json: string): AiVerdict {
    this.arguments = json
    return this
  }

  /** Leaves a note for the log and for the policies after this one. */
  tag(name: string, value: string): AiVerdict {
    this.inner().tag(name, value)
    return this
  }

  /** Puts a text into the bag, for later policies that may read it. */
  put(name: string, value: string): AiVerdict {
    this.inner().put(name, value)
    return this
  }

  /** Keeps bytes for this policy's later phases of the same exchange. */
  setState(state: Uint8Array): AiVerdict {
    this.inner().setState(state)
    return this
  }

  setStateText(state: string): AiVerdict {
    this.inner().setStateText(state)
    return this
  }

  /** Says who is calling. Needs the permission "consumer". */
  setConsumer(name: string): AiVerdict {
    this.inner().setConsumer(name)
    return this
  }

  /**
   * Asks for I/O: on_ai_effect is called with the answers, and the policies behind wait; on_usage may only ask for what nobody waits for
   * (`detached`). What else the verdict says is done before.
   */
  ask(effect: Effect): AiVerdict {
    this.inner().ask(effect)
    return this
  }

  private inner(): Verdict {
    const known = this.verdict
    if (known !== null) return <Verdict>known
    const verdict = new Verdict()
    this.verdict = verdict
    return verdict
  }

  private edit(op: MessageEditOp, at: i32, message: AiMessage | null, stop: bool = false): AiVerdict {
    const edit = new MessageEditWriter()
    edit.op = op
    edit.at = at
    edit.message = message
    edit.stop = stop
    let edits = this.messages
    if (edits === null) this.messages = edits = []
    edits.push(edit)
    return this
  }
}
