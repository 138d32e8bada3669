import { AiMessage, AiVerdict, Json } from '@sluice/plugin-sdk/assembly'
import { verdictOf } from './answer'

export function aiVerdictOf(json: Json): AiVerdict {
  const answer = json.has('verdict') ? AiVerdict.of(verdictOf(json.get('verdict'))) : AiVerdict.next()
  if (json.has('model')) answer.setModel(json.get('model').asString())
  const edits = json.get('messages')
  for (let i = 0; i < edits.length; i++) edit(answer, edits.at(i))
  if (json.has('parameters')) answer.setParameters(parsed(json.get('parameters')))
  const removed = json.get('removeTools')
  for (let i = 0; i < removed.length; i++) answer.removeTool(removed.at(i).asString())
  const added = json.get('addTools')
  for (let i = 0; i < added.length; i++) {
    const tool = added.at(i)
    answer.addTool(tool.get('name').asString(), tool.get('description').asString(), parsed(tool.get('parameters')))
  }
  if (json.has('text')) answer.setText(json.get('text').asString())
  if (json.has('hold')) answer.setHold(json.get('hold').asString(), <i32>json.get('holdMs').asInteger())
  if (json.has('arguments')) answer.setArgumentsText(json.get('arguments').asString())
  answer.drop = json.get('drop').asBool()
  answer.stop = json.get('stop').asBool()
  return answer
}

function edit(answer: AiVerdict, json: Json): void {
  const at = <i32>json.get('at').asInteger()
  const op = json.get('op').asString('REPLACE')
  if (op == 'REMOVE') answer.removeMessage(at)
  else if (op == 'INSERT') answer.insertMessage(at, messageOf(json.get('message')))
  else if (json.get('stop').asBool()) answer.stopChoice(at, messageOf(json.get('message')))
  else answer.replaceMessage(at, messageOf(json.get('message')))
}

function messageOf(json: Json): AiMessage {
  const message = AiMessage.of(json.get('role').asString())
  const parts = json.get('content')
  for (let i = 0; i < parts.length; i++) {
    const part = parts.at(i)
    message.part(
      part.get('type').asString(),
      part.get('text').asString(),
      part.get('url').asString(),
      part.get('mediaType').asString()
    )
  }
  message.setName(json.get('name').asString())
  const calls = json.get('toolCalls')
  for (let i = 0; i < calls.length; i++) {
    const call = calls.at(i)
    message.call(call.get('id').asString(), call.get('name').asString(), call.get('arguments').asString())
  }
  message.toolCallId = json.get('toolCallId').asString()
  return message
}

/** Texts that are JSON go through the SDK's builder, which writes them without blanks. */
function parsed(json: Json): Json {
  const value = Json.parse(json.asString())
  if (value === null) throw new Error(json.toString() + ' is not JSON')
  return value
}
