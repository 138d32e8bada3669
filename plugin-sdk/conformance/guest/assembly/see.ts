import {
  ContextView,
  EffectAnswer,
  EffectAnswers,
  ErrorView,
  HeaderView,
  Json,
  LogView,
  RequestView,
  ResponseView,
  TickView
} from '@sluice/plugin-sdk/assembly'
import { putBool, putBytes, putJson, putLong, putNumber, putText, putTexts } from './fields'

// What a hook sees, as the JSON mapping of its input message. Everything is read by way of the SDK's views.

export function context(view: ContextView): Json {
  const json = Json.object()
  putText(json, 'exchangeId', view.exchangeId)
  putText(json, 'route', view.route)
  putText(json, 'upstream', view.upstream)
  putText(json, 'consumer', view.consumer)
  putTexts(json, 'params', view.allParams())
  putTexts(json, 'tags', view.allTags())
  putBytes(json, 'state', view.state)
  putLong(json, 'nowMs', view.nowMs)
  putTexts(json, 'bag', view.allBag())
  return json
}

/** An input with a context. */
export function inContext(view: ContextView): Json {
  const json = Json.object()
  putJson(json, 'context', context(view))
  return json
}

export function request(view: RequestView): Json {
  const json = Json.object()
  putText(json, 'method', view.method)
  putText(json, 'scheme', view.scheme)
  putText(json, 'host', view.host)
  putText(json, 'path', view.path)
  putText(json, 'query', view.query)
  putTexts(json, 'headers', headers(view))
  putText(json, 'clientIp', view.clientIp)
  return json
}

function headers(view: HeaderView): string[] {
  const list: string[] = []
  for (let i = 0; i < view.headerCount; i++) {
    list.push(view.headerName(i))
    list.push(view.headerValue(i))
  }
  return list
}

export function requestInput(view: RequestView): Json {
  const json = inContext(view)
  putJson(json, 'request', request(view))
  putBytes(json, 'body', view.bodyBytes())
  return json
}

export function responseInput(view: ResponseView): Json {
  const json = inContext(view)
  putJson(json, 'request', request(view.request))
  putBytes(json, 'body', view.bodyBytes())
  const response = Json.object()
  putNumber(response, 'status', view.status)
  putTexts(response, 'headers', headers(view))
  putJson(json, 'response', response)
  return json
}

export function errorInput(view: ErrorView): Json {
  const json = responseInput(view)
  putText(json, 'code', view.code)
  putText(json, 'blame', view.blame)
  putBool(json, 'retryable', view.retryable)
  return json
}

export function logInput(view: LogView): Json {
  const json = responseInput(view)
  putText(json, 'code', view.code)
  putLong(json, 'durationUs', view.durationUs)
  putLong(json, 'bytesIn', view.bytesIn)
  putLong(json, 'bytesOut', view.bytesOut)
  putText(json, 'target', view.target)
  return json
}

export function tickInput(view: TickView): Json {
  const json = inContext(view)
  putLong(json, 'tick', view.tick)
  return json
}

/** Adds what the answers are to the view of the hook that asked. */
export function withAnswers(json: Json, answers: EffectAnswers): Json {
  putText(json, 'hook', answers.hook)
  const list = Json.array()
  for (let i = 0; i < answers.length; i++) list.push(answer(answers.at(i)))
  putJson(json, 'answers', list)
  return json
}

function answer(view: EffectAnswer): Json {
  const json = Json.object()
  putText(json, 'id', view.id)
  putText(json, 'error', view.error)
  putNumber(json, 'status', view.status)
  const lines: string[] = []
  for (let i = 0; i < view.headerCount; i++) {
    lines.push(view.headerName(i))
    lines.push(view.headerValue(i))
  }
  putTexts(json, 'headers', lines)
  putBytes(json, 'body', view.bodyBytes())
  putBool(json, 'found', view.found)
  putLong(json, 'number', view.number)
  return json
}
