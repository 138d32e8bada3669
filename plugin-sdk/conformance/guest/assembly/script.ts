import { Json, readsOnly, Settings } from '@sluice/plugin-sdk/assembly'

/** The settings: for each hook, by its name, what to do in it. */
let settings = Json.object()

/** Takes the settings; returns what on_configure answers. */
export function begin(given: Settings): string {
  settings = given.json
  const script = settings.get('on_configure')
  if (script.get('trap').asBool()) throw new Error('trapped as it was told')
  const reads = script.get('reads')
  if (reads.exists) {
    const fields: string[] = []
    for (let i = 0; i < reads.length; i++) fields.push(reads.at(i).asString())
    readsOnly(fields)
  }
  return script.get('error').asString()
}

/** What to do in a hook: "trap", "see", "calls", "answer", all optional. Ends the call when it says so. */
export function scriptOf(hook: string): Json {
  const script = settings.get(hook)
  if (script.get('trap').asBool()) throw new Error('trapped as it was told')
  return script
}
