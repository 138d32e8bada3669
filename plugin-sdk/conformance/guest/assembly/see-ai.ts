import {
  CallView,
  CompletionView,
  DeltaView,
  Json,
  MessageView,
  PromptView,
  ToolCallView,
  UsageView,
  UsedView
} from '@sluice/plugin-sdk/assembly'
import { putBool, putJson, putLong, putNumber, putText } from './fields'
import { inContext, request } from './see'

export function promptInput(view: PromptView): Json {
  const json = inContext(view)
  putJson(json, 'request', request(view.request))
  const prompt = Json.object()
  putText(prompt, 'operation', view.operation)
  putText(prompt, 'model', view.model)
  const messages = Json.array()
  for (let i = 0; i < view.messages.length; i++) messages.push(message(view.messages.at(i)))
  putJson(prompt, 'messages', messages)
  const tools = Json.array()
  for (let i = 0; i < view.tools.length; i++) {
    const tool = Json.object()
    putText(tool, 'name', view.tools.at(i).name)
    putText(tool, 'description', view.tools.at(i).description)
    putText(tool, 'parameters', view.tools.at(i).parametersText)
    tools.push(tool)
  }
  putJson(prompt, 'tools', tools)
  putText(prompt, 'parameters', view.parametersText)
  putBool(prompt, 'stream', view.stream)
  putNumber(prompt, 'estimatedTokens', view.estimatedTokens)
  putJson(json, 'prompt', prompt)
  return json
}

function message(view: MessageView): Json {
  const json = Json.object()
  putText(json, 'role', view.role)
  const content = Json.array()
  for (let i = 0; i < view.content.length; i++) {
    const part = Json.object()
    putText(part, 'type', view.content.at(i).type)
    putText(part, 'text', view.content.at(i).text)
    putText(part, 'url', view.content.at(i).url)
    putText(part, 'mediaType', view.content.at(i).mediaType)
    content.push(part)
  }
  putJson(json, 'content', content)
  putText(json, 'name', view.name)
  const calls = Json.array()
  for (let i = 0; i < view.toolCalls.length; i++) calls.push(call(view.toolCalls.at(i)))
  putJson(json, 'toolCalls', calls)
  putText(json, 'toolCallId', view.toolCallId)
  return json
}

function call(view: CallView): Json {
  const json = Json.object()
  putText(json, 'id', view.id)
  putText(json, 'name', view.name)
  putText(json, 'arguments', view.argumentsText)
  return json
}

export function deltaInput(view: DeltaView): Json {
  const json = inContext(view)
  putNumber(json, 'index', view.index)
  putNumber(json, 'sequence', view.sequence)
  putText(json, 'text', view.text)
  putText(json, 'thinking', view.thinking)
  putText(json, 'refusal', view.refusal)
  putText(json, 'held', view.held)
  putBool(json, 'last', view.last)
  putBool(json, 'late', view.late)
  putText(json, 'finishReason', view.finishReason)
  return json
}

export function toolCallInput(view: ToolCallView): Json {
  const json = inContext(view)
  putNumber(json, 'index', view.index)
  putJson(json, 'call', call(view.call))
  return json
}

export function completionInput(view: CompletionView): Json {
  const json = inContext(view)
  putText(json, 'provider', view.provider)
  putText(json, 'model', view.model)
  const choices = Json.array()
  for (let i = 0; i < view.choices.length; i++) {
    const choice = Json.object()
    putJson(choice, 'message', message(view.choices.at(i).message))
    putText(choice, 'finishReason', view.choices.at(i).finishReason)
    choices.push(choice)
  }
  putJson(json, 'choices', choices)
  putJson(json, 'usage', usage(view.usage))
  putBool(json, 'streamed', view.streamed)
  return json
}

export function usageInput(view: UsedView): Json {
  const json = inContext(view)
  putText(json, 'provider', view.provider)
  putText(json, 'model', view.model)
  putJson(json, 'usage', usage(view.usage))
  return json
}

function usage(view: UsageView): Json {
  const json = Json.object()
  putLong(json, 'inputTokens', view.inputTokens)
  putLong(json, 'outputTokens', view.outputTokens)
  putLong(json, 'cacheReadTokens', view.cacheReadTokens)
  putLong(json, 'cacheWriteTokens', view.cacheWriteTokens)
  putLong(json, 'reasoningTokens', view.reasoningTokens)
  putLong(json, 'costMicroDollars', view.costMicroDollars)
  putBool(json, 'estimated', view.estimated)
  return json
}
