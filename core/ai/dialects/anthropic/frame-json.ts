import type { Frame } from '../../frames/frame.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE when the frame is no JSON object */
export function frameJson(frame: Frame): JsonObject {
  const value = tryFrameJson(frame)
  if (value === undefined) throw badResponse('stream', 'a JSON object in each event', frame.data)
  return value
}

/** @returns undefined when the frame is no JSON object */
export function tryFrameJson({ data }: Pick<Frame, 'data'>): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
