import { Buffer } from 'node:buffer'
import { parsed } from '../lenient.js'
import { isObject } from '../members.js'
import { awsEventStream, EXCEPTION } from './aws-event-stream.js'
import type { Frame, FrameReader, Framing } from './frame.js'

/**
 * Bedrock's InvokeModelWithResponseStream for Claude: Anthropic's own events, each in base64 within a message of AWS's event stream. Frames
 * are those of Anthropic's dialect on both sides: exceptions are read into its `error` event and written from it.
 */
export const awsInvoke: Framing = {
  contentType: awsEventStream.contentType,
  reader: () => new InvokeReader(),
  write: frame => awsEventStream.write(frame.event === 'error' ? exceptionOf(frame) : chunkOf(frame)),
  heartbeat: undefined
}

class InvokeReader implements FrameReader {
  private readonly messages = awsEventStream.reader()

  get between(): boolean {
    return this.messages.between
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    for (const message of this.messages.feed(piece)) {
      if (message.event.startsWith(EXCEPTION)) frames.push(errorOf(message))
      else frames.push(...eventOf(message))
    }
    return frames
  }

  end(): Frame[] {
    return this.messages.end()
  }
}

/** A chunk that nobody can read is told as an error of the stream: what it was is lost. */
function eventOf({ event: type, data }: Frame): Frame[] {
  const value = parsed(data)
  if (isObject(value) && typeof value.bytes === 'string') {
    const text = Buffer.from(value.bytes, 'base64').toString()
    const event = parsed(text)
    if (isObject(event)) return [{ event: typeof event.type === 'string' ? event.type : '', data: text }]
  } else if (type !== 'chunk') return []
  return [errorOf({ event: '', data: '{"message":"a chunk of the stream has no event in it"}' })]
}

function chunkOf({ data }: Frame): Frame {
  return { event: 'chunk', data: JSON.stringify({ bytes: Buffer.from(data).toString('base64') }) }
}

/** Bedrock's exceptions and what Anthropic calls the same; the first of each type is the one that is written. */
const EXCEPTIONS: readonly (readonly [exception: string, type: string])[] = [
  ['throttlingException', 'rate_limit_error'],
  ['validationException', 'invalid_request_error'],
  ['serviceUnavailableException', 'overloaded_error'],
  ['modelTimeoutException', 'timeout_error'],
  ['modelStreamErrorException', 'api_error'],
  ['internalServerException', 'api_error']
]

function errorOf({ event, data }: Frame): Frame {
  const name = event.slice(EXCEPTION.length)
  const type = EXCEPTIONS.find(([exception]) => exception.toLowerCase() === name.toLowerCase())?.[1] ?? 'api_error'
  const value = parsed(data)
  const message = isObject(value) ? (value.message ?? value.Message ?? value.originalMessage) : undefined
  return { event: 'error', data: JSON.stringify({ type: 'error', error: { type, message: String(message ?? name) } }) }
}

function exceptionOf({ data }: Frame): Frame {
  const value = parsed(data)
  const error = isObject(value) && isObject(value.error) ? value.error : {}
  const exception = EXCEPTIONS.find(([, type]) => type === error.type)?.[0] ?? 'modelStreamErrorException'
  return {
    event: EXCEPTION + exception,
    data: JSON.stringify({ message: String(error.message ?? 'the model failed') })
  }
}
