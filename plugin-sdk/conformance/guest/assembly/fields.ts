import { base64Encode, Json } from '@sluice/plugin-sdk/assembly'

// The JSON mapping of protobuf (proto3): lowerCamelCase names, bytes as base64, 64-bit integers as strings, and what has its
// default is left out.

export function putText(to: Json, name: string, value: string): void {
  if (value != '') to.set(name, Json.string(value))
}

export function putBytes(to: Json, name: string, value: Uint8Array): void {
  if (value.length > 0) to.set(name, Json.string(base64Encode(value)))
}

export function putNumber(to: Json, name: string, value: i64): void {
  if (value != 0) to.set(name, Json.integer(value))
}

export function putLong(to: Json, name: string, value: i64): void {
  if (value != 0) to.set(name, Json.string(value.toString()))
}

export function putBool(to: Json, name: string, value: bool): void {
  if (value) to.set(name, Json.bool(true))
}

export function putTexts(to: Json, name: string, values: string[]): void {
  if (values.length == 0) return
  const list = Json.array()
  for (let i = 0; i < values.length; i++) list.push(Json.string(values[i]))
  to.set(name, list)
}

/** A message or list; one that says nothing is left out. */
export function putJson(to: Json, name: string, value: Json): void {
  if (value.length > 0) to.set(name, value)
}
